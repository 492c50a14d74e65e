-- +goose Up
-- where each first approval stands; every change is an entry of the chain, which verification compares
CREATE TABLE approvals (id TEXT PRIMARY KEY, state TEXT NOT NULL, act TEXT NOT NULL, first_id TEXT NOT NULL, second_id TEXT NOT NULL,
  person_id TEXT NOT NULL, role TEXT NOT NULL, bank_id TEXT NOT NULL, request_id TEXT NOT NULL, target TEXT NOT NULL,
  at INTEGER NOT NULL, lapses INTEGER NOT NULL, changed INTEGER NOT NULL, used_by TEXT NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX approvals_open ON approvals (act, person_id, role, bank_id, request_id, target) WHERE state IN ('waiting','confirmed');
CREATE INDEX approvals_state ON approvals (state, at);
CREATE INDEX approvals_person ON approvals (person_id, at);
CREATE INDEX approvals_first ON approvals (first_id, at);

-- +goose Down
DROP TABLE approvals;
