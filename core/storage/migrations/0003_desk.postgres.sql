-- The desk: departments, priorities, snoozing and tags on tickets, people who are warned, muted or blocked, threads left
-- behind, questions on the side, who is away. Defaults stand in code only, so they go once the old rows have them.

ALTER TABLE "person" ADD COLUMN "warned_at" TIMESTAMPTZ;
ALTER TABLE "person" ADD COLUMN "muted_until" TIMESTAMPTZ;
ALTER TABLE "person" ADD COLUMN "unposted_after" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "person" ADD COLUMN "blocked_at" TIMESTAMPTZ;
ALTER TABLE "person" ALTER COLUMN "unposted_after" DROP DEFAULT;

ALTER TABLE "ticket" ADD COLUMN "claimed_at" TIMESTAMPTZ;
ALTER TABLE "ticket" ADD COLUMN "offered_at" TIMESTAMPTZ;
ALTER TABLE "ticket" ADD COLUMN "about" VARCHAR(120) NOT NULL DEFAULT '';
ALTER TABLE "ticket" ADD COLUMN "department" VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE "ticket" ADD COLUMN "priority" VARCHAR(10) NOT NULL DEFAULT 'normal';
ALTER TABLE "ticket" ADD COLUMN "tags" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "ticket" ADD COLUMN "snoozed_until" TIMESTAMPTZ;
ALTER TABLE "ticket" ADD COLUMN "resolution" VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE "ticket" ADD COLUMN "repeats" INT NOT NULL DEFAULT 0;
ALTER TABLE "ticket" ADD COLUMN "moves" INT NOT NULL DEFAULT 0;
UPDATE "ticket" SET "claimed_at" = "opened_at" WHERE "assignee" <> '';
ALTER TABLE "ticket" ALTER COLUMN "about" DROP DEFAULT;
ALTER TABLE "ticket" ALTER COLUMN "department" DROP DEFAULT;
ALTER TABLE "ticket" ALTER COLUMN "priority" DROP DEFAULT;
ALTER TABLE "ticket" ALTER COLUMN "tags" DROP DEFAULT;
ALTER TABLE "ticket" ALTER COLUMN "resolution" DROP DEFAULT;
ALTER TABLE "ticket" ALTER COLUMN "repeats" DROP DEFAULT;
ALTER TABLE "ticket" ALTER COLUMN "moves" DROP DEFAULT;
CREATE INDEX "idx_ticket_state_8aee49" ON "ticket" ("state", "department");
CREATE INDEX "idx_ticket_assigne_ab7bb5" ON "ticket" ("assignee", "state");

ALTER TABLE "delivery" ADD COLUMN "channel" VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE "delivery" ADD COLUMN "thread" VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE "delivery" ALTER COLUMN "channel" DROP DEFAULT;
ALTER TABLE "delivery" ALTER COLUMN "thread" DROP DEFAULT;

CREATE INDEX "idx_message_faq_dc98ae" ON "message" ("faq", "at");

CREATE TABLE "former_thread" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL,
    "channel" VARCHAR(64) NOT NULL,
    "thread" VARCHAR(64) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "live" BOOL NOT NULL,
    CONSTRAINT "uid_former_thre_channel_339421" UNIQUE ("channel", "thread")
);
CREATE INDEX "idx_former_thre_ticket__14e9d3" ON "former_thread" ("ticket_id");

CREATE TABLE "side_question" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "person_id" INT NOT NULL,
    "ticket_id" INT NOT NULL,
    "department" VARCHAR(64) NOT NULL,
    "channel" VARCHAR(64) NOT NULL,
    "thread" VARCHAR(64) NOT NULL,
    "text" TEXT NOT NULL,
    "agent" VARCHAR(64) NOT NULL,
    "agent_name" VARCHAR(120) NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "minutes" INT NOT NULL,
    "due_at" TIMESTAMPTZ,
    "nudges" INT NOT NULL,
    "answered_at" TIMESTAMPTZ
);
CREATE INDEX "idx_side_questi_ticket__c71744" ON "side_question" ("ticket_id");
CREATE INDEX "idx_side_questi_channel_56cee3" ON "side_question" ("channel", "thread");

CREATE TABLE "away" (
    "agent" VARCHAR(64) NOT NULL PRIMARY KEY,
    "name" VARCHAR(120) NOT NULL,
    "since" TIMESTAMPTZ NOT NULL
);

CREATE TABLE "heard" (
    "door" VARCHAR(20) NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL
);
