-- The desk: departments, priorities, snoozing and tags on tickets, people who are warned, muted or blocked, threads left
-- behind, questions on the side, who is away. SQLite can't add a column that must have a value but has no default, so
-- these tables are built anew; numbers go on where they were.

CREATE TABLE "new_person" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(120) NOT NULL,
    "tier" VARCHAR(20) NOT NULL,
    "language" VARCHAR(12) NOT NULL,
    "scene" JSON NOT NULL,
    "joined_into" INT,
    "warned_at" TIMESTAMP,
    "muted_until" TIMESTAMP,
    "unposted_after" BIGINT NOT NULL,
    "blocked_at" TIMESTAMP,
    "created_at" TIMESTAMP NOT NULL
);
INSERT INTO "new_person" ("id", "name", "tier", "language", "scene", "joined_into", "created_at", "unposted_after")
    SELECT "id", "name", "tier", "language", "scene", "joined_into", "created_at", 0 FROM "person";
DELETE FROM sqlite_sequence WHERE name = 'new_person';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_person', seq FROM sqlite_sequence WHERE name = 'person';
DROP TABLE "person";
ALTER TABLE "new_person" RENAME TO "person";
CREATE INDEX "idx_person_joined__db681f" ON "person" ("joined_into");

CREATE TABLE "new_ticket" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "identity_id" INT NOT NULL,
    "state" VARCHAR(20) NOT NULL,
    "reason" VARCHAR(40) NOT NULL,
    "about" VARCHAR(120) NOT NULL,
    "assignee" VARCHAR(64) NOT NULL,
    "assignee_name" VARCHAR(120) NOT NULL,
    "claimed_at" TIMESTAMP,
    "offered_at" TIMESTAMP,
    "department" VARCHAR(64) NOT NULL,
    "priority" VARCHAR(10) NOT NULL,
    "tags" JSON NOT NULL,
    "snoozed_until" TIMESTAMP,
    "resolution" VARCHAR(20) NOT NULL,
    "repeats" INT NOT NULL,
    "moves" INT NOT NULL,
    "channel" VARCHAR(64) NOT NULL,
    "thread" VARCHAR(64) NOT NULL,
    "opened_with" BIGINT NOT NULL,
    "opened_at" TIMESTAMP NOT NULL,
    "waiting_since" TIMESTAMP,
    "resolved_at" TIMESTAMP,
    "resolved_with" BIGINT NOT NULL,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE
);
INSERT INTO "new_ticket" ("id", "identity_id", "state", "reason", "assignee", "assignee_name", "channel", "thread", "opened_with", "opened_at", "waiting_since", "resolved_at", "resolved_with", "person_id", "about", "department", "priority", "tags", "resolution", "repeats", "moves")
    SELECT "id", "identity_id", "state", "reason", "assignee", "assignee_name", "channel", "thread", "opened_with", "opened_at", "waiting_since", "resolved_at", "resolved_with", "person_id", '', '', 'normal', '[]', '', 0, 0 FROM "ticket";
UPDATE "new_ticket" SET "claimed_at" = "opened_at" WHERE "assignee" <> '';
DELETE FROM sqlite_sequence WHERE name = 'new_ticket';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_ticket', seq FROM sqlite_sequence WHERE name = 'ticket';
DROP TABLE "ticket";
ALTER TABLE "new_ticket" RENAME TO "ticket";
CREATE INDEX "idx_ticket_person__b188b1" ON "ticket" ("person_id", "id");
CREATE INDEX "idx_ticket_channel_a58fbe" ON "ticket" ("channel", "thread");
CREATE INDEX "idx_ticket_state_8aee49" ON "ticket" ("state", "department");
CREATE INDEX "idx_ticket_assigne_ab7bb5" ON "ticket" ("assignee", "state");

CREATE TABLE "new_delivery" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(120) NOT NULL UNIQUE,
    "lane" VARCHAR(24) NOT NULL,
    "desk" INT NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "priority" SMALLINT NOT NULL,
    "person_id" INT NOT NULL,
    "identity_id" INT,
    "ticket_id" INT,
    "message_id" BIGINT,
    "attachment_id" BIGINT,
    "channel" VARCHAR(64) NOT NULL,
    "thread" VARCHAR(64) NOT NULL,
    "body" JSON NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "due_at" TIMESTAMP NOT NULL,
    "attempts" INT NOT NULL,
    "unconfirmed" INT NOT NULL,
    "lease_until" TIMESTAMP,
    "fence" INT NOT NULL,
    "done" INT NOT NULL,
    "external_id" VARCHAR(128) NOT NULL,
    "trace" VARCHAR(128) NOT NULL,
    "error" VARCHAR(255) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "sent_at" TIMESTAMP
);
INSERT INTO "new_delivery" ("id", "key", "lane", "desk", "kind", "priority", "person_id", "identity_id", "ticket_id", "message_id", "attachment_id", "body", "state", "due_at", "attempts", "unconfirmed", "lease_until", "fence", "done", "external_id", "trace", "error", "created_at", "sent_at", "channel", "thread")
    SELECT "id", "key", "lane", "desk", "kind", "priority", "person_id", "identity_id", "ticket_id", "message_id", "attachment_id", "body", "state", "due_at", "attempts", "unconfirmed", "lease_until", "fence", "done", "external_id", "trace", "error", "created_at", "sent_at", '', '' FROM "delivery";
DELETE FROM sqlite_sequence WHERE name = 'new_delivery';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_delivery', seq FROM sqlite_sequence WHERE name = 'delivery';
DROP TABLE "delivery";
ALTER TABLE "new_delivery" RENAME TO "delivery";
CREATE INDEX "idx_delivery_message_a7ebcb" ON "delivery" ("message_id");
CREATE INDEX "idx_delivery_lane_64dc1e" ON "delivery" ("lane", "id") WHERE state = 'due';
CREATE INDEX "idx_delivery_person__5114fe" ON "delivery" ("person_id") WHERE state = 'parked';
CREATE INDEX "idx_delivery_state_690c0c" ON "delivery" ("state", "due_at");

CREATE INDEX "idx_message_faq_dc98ae" ON "message" ("faq", "at");

CREATE TABLE "former_thread" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "ticket_id" INT NOT NULL,
    "channel" VARCHAR(64) NOT NULL,
    "thread" VARCHAR(64) NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "live" INT NOT NULL,
    CONSTRAINT "uid_former_thre_channel_339421" UNIQUE ("channel", "thread")
);
CREATE INDEX "idx_former_thre_ticket__14e9d3" ON "former_thread" ("ticket_id");

CREATE TABLE "side_question" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "person_id" INT NOT NULL,
    "ticket_id" INT NOT NULL,
    "department" VARCHAR(64) NOT NULL,
    "channel" VARCHAR(64) NOT NULL,
    "thread" VARCHAR(64) NOT NULL,
    "text" TEXT NOT NULL,
    "agent" VARCHAR(64) NOT NULL,
    "agent_name" VARCHAR(120) NOT NULL,
    "asked_at" TIMESTAMP NOT NULL,
    "minutes" INT NOT NULL,
    "due_at" TIMESTAMP,
    "nudges" INT NOT NULL,
    "answered_at" TIMESTAMP
);
CREATE INDEX "idx_side_questi_ticket__c71744" ON "side_question" ("ticket_id");
CREATE INDEX "idx_side_questi_channel_56cee3" ON "side_question" ("channel", "thread");

CREATE TABLE "away" (
    "agent" VARCHAR(64) NOT NULL PRIMARY KEY,
    "name" VARCHAR(120) NOT NULL,
    "since" TIMESTAMP NOT NULL
);

CREATE TABLE "heard" (
    "door" VARCHAR(20) NOT NULL PRIMARY KEY,
    "at" TIMESTAMP NOT NULL
);
