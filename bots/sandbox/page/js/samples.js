/** A photo and a voice message made on the spot, so that a demonstration needs no files. */

function box(draw) {
  draw.fillStyle = "#c98d4b";
  draw.fillRect(120, 170, 240, 170);
  draw.fillStyle = "#dda766";
  draw.beginPath();
  for (const [x, y] of [
    [120, 170],
    [170, 120],
    [410, 120],
    [360, 170],
  ])
    draw.lineTo(x, y);
  draw.fill();
  draw.fillStyle = "#a8723a";
  draw.beginPath();
  for (const [x, y] of [
    [360, 170],
    [410, 120],
    [410, 290],
    [360, 340],
  ])
    draw.lineTo(x, y);
  draw.fill();
  draw.fillStyle = "#efe0c2";
  draw.fillRect(215, 170, 50, 170);
}

function crack(draw) {
  draw.strokeStyle = "#5a3314";
  draw.lineWidth = 5;
  draw.lineJoin = "round";
  draw.beginPath();
  for (const [x, y] of [
    [300, 172],
    [285, 215],
    [318, 238],
    [296, 280],
    [322, 338],
  ])
    draw.lineTo(x, y);
  draw.stroke();
}

function ribbon(draw) {
  draw.fillStyle = "#c8433f";
  draw.fillRect(120, 240, 240, 24);
  draw.fillRect(228, 170, 24, 170);
  draw.strokeStyle = "#c8433f";
  draw.lineWidth = 13;
  draw.beginPath();
  draw.ellipse(218, 132, 38, 17, 0.35, 0, 2 * Math.PI);
  draw.ellipse(292, 132, 38, 17, -0.35, 0, 2 * Math.PI);
  draw.stroke();
}

/** A parcel with a crack in it, what customers photograph; or a new one, what they are sent instead. */
export function samplePhoto(whole = false) {
  const canvas = document.createElement("canvas");
  canvas.width = 520;
  canvas.height = 390;
  const draw = canvas.getContext("2d");
  const wall = draw.createLinearGradient(0, 0, 0, 390);
  wall.addColorStop(0, "#cfe3ee");
  wall.addColorStop(0.68, "#e9f1f4");
  wall.addColorStop(0.69, "#b9a58d");
  wall.addColorStop(1, "#d8c8b2");
  draw.fillStyle = wall;
  draw.fillRect(0, 0, 520, 390);
  box(draw);
  if (whole) ribbon(draw);
  else crack(draw);
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(new File([blob], whole ? "new-parcel.png" : "parcel.png", { type: "image/png" })), "image/png");
  });
}

const RATE = 8000;

function header(view, bytes) {
  const text = (at, word) => [...word].forEach((sign, n) => view.setUint8(at + n, sign.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, bytes, true);
}

/** Three seconds of a hummed tune as a WAV file: 16 bit, mono, written by hand. */
export function sampleVoice() {
  const notes = [262, 330, 392, 330, 294, 349, 262, 262];
  const each = Math.round(RATE * 0.375);
  const buffer = new ArrayBuffer(44 + notes.length * each * 2);
  const view = new DataView(buffer);
  header(view, notes.length * each * 2);
  notes.forEach((pitch, at) => {
    for (let n = 0; n < each; n += 1) {
      const wave =
        Math.sin((2 * Math.PI * pitch * n) / RATE) + 0.3 * Math.sin((4 * Math.PI * pitch * n) / RATE);
      const swell = Math.sin((Math.PI * n) / each) ** 0.6;
      view.setInt16(44 + (at * each + n) * 2, wave * swell * 9000, true);
    }
  });
  return Promise.resolve(new File([buffer], "voice.wav", { type: "audio/wav" }));
}

export function kindOf(file) {
  const family = file.type.split("/")[0];
  return { image: "image", audio: "voice", video: "video" }[family] ?? "file";
}
