-- What is published, what people asked, and what is learnt from it.

CREATE TABLE "revision" (
    "number" INT NOT NULL PRIMARY KEY,
    "base" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "door" VARCHAR(12) NOT NULL,
    "author" VARCHAR(120) NOT NULL,
    "comment" TEXT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "files" JSONB NOT NULL
);
CREATE INDEX "idx_revision_digest_108b6a" ON "revision" ("digest");

CREATE TABLE "question" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "person_id" INT NOT NULL,
    "message_id" BIGINT,
    "at" TIMESTAMPTZ NOT NULL,
    "platform" VARCHAR(20) NOT NULL,
    "language" VARCHAR(12) NOT NULL,
    "text" TEXT NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "entry" VARCHAR(120) NOT NULL,
    "shown" JSONB NOT NULL,
    "probability" DOUBLE PRECISION NOT NULL,
    "signs" JSONB NOT NULL,
    "revision" INT NOT NULL,
    "fate" VARCHAR(8) NOT NULL,
    "fate_at" TIMESTAMPTZ
);
CREATE INDEX "idx_question_message_018244" ON "question" ("message_id");
CREATE INDEX "idx_question_at_5cfa9c" ON "question" ("at");
CREATE INDEX "idx_question_person__763531" ON "question" ("person_id", "id");
CREATE INDEX "idx_question_entry_dead77" ON "question" ("entry", "at");

CREATE TABLE "variant" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "entry" VARCHAR(120) NOT NULL,
    "language" VARCHAR(12) NOT NULL,
    "text" TEXT NOT NULL,
    "folded" VARCHAR(255) NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "decided_by" VARCHAR(120) NOT NULL,
    "revision" INT,
    CONSTRAINT "uid_variant_entry_aac870" UNIQUE ("entry", "folded")
);
CREATE INDEX "idx_variant_state_9d47ba" ON "variant" ("state");

CREATE TABLE "evidence" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "voice" VARCHAR(80) NOT NULL,
    "source" VARCHAR(8) NOT NULL,
    "question_id" BIGINT,
    "at" TIMESTAMPTZ NOT NULL,
    "variant_id" INT NOT NULL REFERENCES "variant" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_evidence_variant_45b2f8" UNIQUE ("variant_id", "voice")
);

CREATE TABLE "draft" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "agent" VARCHAR(64) NOT NULL,
    "agent_name" VARCHAR(120) NOT NULL,
    "source" VARCHAR(8) NOT NULL,
    "entry" TEXT NOT NULL,
    "question_id" BIGINT,
    "place" VARCHAR(128) NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "decided_by" VARCHAR(120) NOT NULL,
    "revision" INT
);
CREATE INDEX "idx_draft_state_54a1bc" ON "draft" ("state");
