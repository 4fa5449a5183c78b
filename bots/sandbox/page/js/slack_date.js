/** Slack's `<!date^seconds^{date_short_pretty} {time}|fallback>`: each reader sees it in their own time and language. */

import { language } from "./i18n.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { year: "numeric", month: "long", day: "numeric", weekday: "long" },
};
const TIMES = {
  time: { hour: "2-digit", minute: "2-digit", hour12: false },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
};

function daysAgo(moment) {
  const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(Date.now()) - midnight(moment)) / DAY_MS);
}

function part(token, moment) {
  if (TIMES[token]) return moment.toLocaleTimeString(language(), TIMES[token]);
  const ago = daysAgo(moment);
  if (token.endsWith("_pretty") && Math.abs(ago) < 2)
    return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(-ago, "day");
  const day = DAYS[token.replace(/_pretty$/, "")];
  return day ? moment.toLocaleDateString(language(), day) : null;
}

/** The words, or null where Slack too would show the fallback: no time, or a sign that it doesn't know. */
export function slackDate(seconds, format) {
  const moment = new Date(Number(seconds) * 1000);
  if (!/^-?\d+$/.test(seconds) || Number.isNaN(moment.getTime())) return null;
  let known = true;
  const words = format.replace(/\{(\w+)\}/g, (whole, token) => {
    const shown = part(token, moment);
    known &&= shown !== null;
    return shown ?? whole;
  });
  return known ? words : null;
}
