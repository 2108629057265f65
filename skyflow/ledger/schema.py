"""The tables of the ledger, as numbered migrations. `PRAGMA user_version` counts those that a file has had. README.md explains them.

A migration that was released is never edited; a change is a further one.
"""

from __future__ import annotations

# "skyf": tells a ledger from any other SQLite file.
APPLICATION_ID = 0x736B7966

_FIRST = """
-- Facts about this ledger itself. `id` is random: it makes our idempotency keys differ from those of other projects.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A run of skyflow: who owns the work that it claimed. It is over when it ended or its process is gone.
CREATE TABLE run (
    id            TEXT PRIMARY KEY,
    target        TEXT NOT NULL,
    storyboard    TEXT NOT NULL,           -- project path of the storyboard file
    pid           INTEGER NOT NULL,
    process_start TEXT NOT NULL,           -- tells a process from a later one of the same pid; '' where the system does not say
    host          TEXT NOT NULL,
    started_at    REAL NOT NULL,           -- all times are Unix seconds
    heartbeat_at  REAL NOT NULL,
    ended_at      REAL
) WITHOUT ROWID;

-- Which run works on which clip. Held while the run is alive.
CREATE TABLE claim (
    target TEXT NOT NULL,
    key    TEXT NOT NULL,
    run    TEXT NOT NULL REFERENCES run (id),
    PRIMARY KEY (target, key)
) WITHOUT ROWID;
CREATE INDEX claim_by_run ON claim (run);

-- What happened, in the order it was written. Rows are never changed and never deleted.
CREATE TABLE event (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      REAL NOT NULL,
    target  TEXT NOT NULL,                 -- 'sandbox' or the base URL of a live service
    key     TEXT NOT NULL,                 -- the clip: SHA-256 of request and take, 64 hex digits
    attempt INTEGER NOT NULL,              -- from 1; a further one only after a failure, a loss or a person's word
    run     TEXT NOT NULL,                 -- the run that wrote it, '' for a person's command
    kind    TEXT NOT NULL,                 -- posting accepted refused doubted completed failed stored missing lost adopted resubmitted abandoned
    fact    TEXT NOT NULL                  -- the rest of it, as JSON
);
CREATE INDEX event_by_clip ON event (target, key, number);

-- Each attempt as its events leave it. Derived: `skyflow/ledger/states.py` computes it from the events and nothing else does.
CREATE TABLE attempt (
    target          TEXT NOT NULL,
    key             TEXT NOT NULL,
    number          INTEGER NOT NULL,
    last_event      INTEGER NOT NULL REFERENCES event (number),
    state           TEXT NOT NULL,         -- posting doubt refused running made have failed lost replaced abandoned
    run             TEXT NOT NULL,         -- the run that posted it
    idempotency_key TEXT NOT NULL,
    estimate        INTEGER NOT NULL,      -- money is whole nano-dollars (10^-9 USD); the cost by the price table
    exact           INTEGER NOT NULL,      -- 1 where the estimate is certain
    charged         INTEGER,               -- what the service said it took; NULL while it did not say
    storyboard      TEXT NOT NULL,         -- how the clip was called when it was sent
    variant         TEXT NOT NULL,
    shot            TEXT NOT NULL,
    take            INTEGER NOT NULL,
    task_id         TEXT,
    posted_at       REAL NOT NULL,
    accepted_at     REAL,
    completed_at    REAL,
    stored_at       REAL,
    changed_at      REAL NOT NULL,
    reason          TEXT NOT NULL,         -- why in doubt, refused, failed or lost
    urls            TEXT NOT NULL,         -- JSON list: where the clip can be fetched
    expires_at      REAL,                  -- until when
    sha256          TEXT,                  -- of the clip on disk
    size            INTEGER,               -- bytes
    seconds         REAL,
    PRIMARY KEY (target, key, number)
) WITHOUT ROWID;
CREATE INDEX attempt_by_state ON attempt (target, state);
CREATE INDEX attempt_by_run ON attempt (run);

-- No state changes without its event, and no event is ever taken back.
CREATE TRIGGER event_kept BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER attempt_stays BEFORE DELETE ON attempt BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
CREATE TRIGGER attempt_begins BEFORE INSERT ON attempt
    WHEN NOT EXISTS (SELECT 1 FROM event WHERE number = NEW.last_event AND target = NEW.target AND key = NEW.key
                     AND attempt = NEW.number AND kind = 'posting')
    BEGIN SELECT RAISE(ABORT, 'an attempt begins with its posting event'); END;
CREATE TRIGGER attempt_moves BEFORE UPDATE ON attempt
    WHEN NEW.last_event <= OLD.last_event
      OR NOT EXISTS (SELECT 1 FROM event WHERE number = NEW.last_event AND target = NEW.target AND key = NEW.key
                     AND attempt = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'no state changes without its event'); END;

-- Files that were uploaded: by content, so a file is sent once and again only when its URL is about to expire.
CREATE TABLE upload (
    base       TEXT NOT NULL,              -- base URL of the service that holds it
    sha256     TEXT NOT NULL,              -- of the bytes that were sent
    url        TEXT NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (base, sha256)
) WITHOUT ROWID;

-- The compiled request of each clip that a run was asked for, to tell later what changed.
CREATE TABLE request (
    key      TEXT PRIMARY KEY,
    compiled TEXT NOT NULL                 -- JSON, with its `skyflow:` URLs
) WITHOUT ROWID;

-- Which clip each shot of a storyboard was when it was last run.
CREATE TABLE shot (
    target     TEXT NOT NULL,
    storyboard TEXT NOT NULL,
    variant    TEXT NOT NULL,
    shot       TEXT NOT NULL,
    take       INTEGER NOT NULL,
    key        TEXT NOT NULL REFERENCES request (key),
    seen_at    REAL NOT NULL,
    PRIMARY KEY (target, storyboard, variant, shot, take)
) WITHOUT ROWID;
"""

_QUEUE_AND_NEWS = """
-- From here on `event.kind` may also be 'retried', and `attempt.state` 'wanted'.

-- What a living run will still send: shown by `skyflow status`, taken back by `skyflow cancel`. A row goes when its clip was sent or given up.
CREATE TABLE queued (
    run          TEXT NOT NULL REFERENCES run (id),
    key          TEXT NOT NULL,
    storyboard   TEXT NOT NULL,
    variant      TEXT NOT NULL,
    shot         TEXT NOT NULL,
    take         INTEGER NOT NULL,
    estimate     INTEGER NOT NULL,         -- nano-dollars
    cancelled_at REAL,                     -- when a person took it back
    PRIMARY KEY (run, key)
) WITHOUT ROWID;

-- What the service last said of a task that is under way. For people: nothing is decided by it.
CREATE TABLE news (
    target    TEXT NOT NULL,
    key       TEXT NOT NULL,
    status    TEXT NOT NULL,               -- the service's own word
    progress  INTEGER,                     -- per cent
    estimated REAL,                        -- seconds that the service says such a task takes
    heard_at  REAL NOT NULL,
    PRIMARY KEY (target, key)
) WITHOUT ROWID;

-- 1 where a person named the task and nothing has shown yet that it is the right one.
ALTER TABLE attempt ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;

-- When a person asked the run to send nothing further.
ALTER TABLE run ADD COLUMN stop_asked_at REAL;

CREATE INDEX attempt_by_task ON attempt (target, task_id);

-- Sums of money are asked for before each request. These indexes hold all that such a sum looks at.
DROP INDEX attempt_by_run;
CREATE INDEX attempt_money_by_run ON attempt (run, target, state, charged, estimate);
CREATE INDEX attempt_money_by_time ON attempt (target, posted_at, state, charged, estimate);
CREATE INDEX attempt_money_by_variant ON attempt (target, storyboard, variant, state, charged, estimate);
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, _QUEUE_AND_NEWS)
