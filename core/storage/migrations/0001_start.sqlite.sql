-- The first tables. Defaults stand in code only; a ticket's id is its number, from 1001.
-- Each statement ends with a semicolon at the end of a line.

CREATE TABLE "delivery" (
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
CREATE INDEX "idx_delivery_message_a7ebcb" ON "delivery" ("message_id");
CREATE INDEX "idx_delivery_lane_64dc1e" ON "delivery" ("lane", "id") WHERE state = 'due';
CREATE INDEX "idx_delivery_person__5114fe" ON "delivery" ("person_id") WHERE state = 'parked';
CREATE INDEX "idx_delivery_state_690c0c" ON "delivery" ("state", "due_at");

CREATE TABLE "event" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "name" VARCHAR(40) NOT NULL,
    "person_id" INT,
    "ticket_id" INT,
    "actor" VARCHAR(64) NOT NULL,
    "data" JSON NOT NULL
);
CREATE INDEX "idx_event_at_626eca" ON "event" ("at");
CREATE INDEX "idx_event_person__27db6e" ON "event" ("person_id");
CREATE INDEX "idx_event_ticket__9f31a1" ON "event" ("ticket_id");

CREATE TABLE "person" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(120) NOT NULL,
    "tier" VARCHAR(20) NOT NULL,
    "language" VARCHAR(12) NOT NULL,
    "scene" JSON NOT NULL,
    "joined_into" INT,
    "created_at" TIMESTAMP NOT NULL
);
CREATE INDEX "idx_person_joined__db681f" ON "person" ("joined_into");

CREATE TABLE "identity" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "platform" VARCHAR(20) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "user" VARCHAR(128) NOT NULL,
    "chat" VARCHAR(128) NOT NULL,
    "name" VARCHAR(120) NOT NULL,
    "language" VARCHAR(12) NOT NULL,
    "reachable" INT NOT NULL,
    "sends_left" INT,
    "window_until" TIMESTAMP,
    "last_at" TIMESTAMP NOT NULL,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_identity_platfor_4509fa" UNIQUE ("platform", "account", "user")
);
CREATE INDEX "idx_identity_person__12d416" ON "identity" ("person_id");

CREATE TABLE "message" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "identity_id" INT,
    "ticket_id" INT,
    "by" VARCHAR(10) NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "author" VARCHAR(120) NOT NULL,
    "agent" VARCHAR(64) NOT NULL,
    "text" TEXT NOT NULL,
    "faq" VARCHAR(120) NOT NULL,
    "external_id" VARCHAR(128) NOT NULL,
    "version_of" BIGINT,
    "at" TIMESTAMP NOT NULL,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_message_person__e2ef2b" ON "message" ("person_id", "id");
CREATE INDEX "idx_message_ticket__b681cc" ON "message" ("ticket_id", "id");
CREATE INDEX "idx_message_identit_549c60" ON "message" ("identity_id", "external_id");

CREATE TABLE "attachment" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "source" VARCHAR(90) NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "ref" TEXT NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "mime" VARCHAR(120) NOT NULL,
    "size" BIGINT NOT NULL,
    "transcript" TEXT NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "sha256" VARCHAR(64) NOT NULL,
    "error" VARCHAR(255) NOT NULL,
    "attempts" INT NOT NULL,
    "due_at" TIMESTAMP NOT NULL,
    "lease_until" TIMESTAMP,
    "fence" INT NOT NULL,
    "message_id" BIGINT NOT NULL REFERENCES "message" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_attachment_message_3d2f98" ON "attachment" ("message_id");
CREATE INDEX "idx_attachment_due_at_a89aff" ON "attachment" ("due_at") WHERE state = 'pending';

CREATE TABLE "quarantine" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "platform" VARCHAR(20) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "form" VARCHAR(10) NOT NULL,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "payload" BLOB NOT NULL,
    "reason" TEXT NOT NULL,
    "solved_at" TIMESTAMP
);
CREATE INDEX "idx_quarantine_solved__5bdc0f" ON "quarantine" ("solved_at");

CREATE TABLE "receipt" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "platform" VARCHAR(20) NOT NULL,
    "account" VARCHAR(64) NOT NULL,
    "event" VARCHAR(255) NOT NULL,
    "person_id" INT,
    "identity_id" INT,
    "bound" TEXT NOT NULL,
    "bound_rows" JSON NOT NULL,
    "at" TIMESTAMP NOT NULL,
    CONSTRAINT "uid_receipt_platfor_3aec33" UNIQUE ("platform", "account", "event")
);
CREATE INDEX "idx_receipt_at_3c5764" ON "receipt" ("at");

CREATE TABLE "ticket" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "identity_id" INT NOT NULL,
    "state" VARCHAR(20) NOT NULL,
    "reason" VARCHAR(40) NOT NULL,
    "assignee" VARCHAR(64) NOT NULL,
    "assignee_name" VARCHAR(120) NOT NULL,
    "channel" VARCHAR(64) NOT NULL,
    "thread" VARCHAR(64) NOT NULL,
    "opened_with" BIGINT NOT NULL,
    "opened_at" TIMESTAMP NOT NULL,
    "waiting_since" TIMESTAMP,
    "resolved_at" TIMESTAMP,
    "resolved_with" BIGINT NOT NULL,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_ticket_person__b188b1" ON "ticket" ("person_id", "id");
CREATE INDEX "idx_ticket_channel_a58fbe" ON "ticket" ("channel", "thread");

CREATE TABLE "timer" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(40) NOT NULL,
    "due_at" TIMESTAMP NOT NULL,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_timer_person__8a6a62" UNIQUE ("person_id", "name")
);
CREATE INDEX "idx_timer_due_at_aa1478" ON "timer" ("due_at");

INSERT INTO sqlite_sequence (name, seq) VALUES ('ticket', 1000);
