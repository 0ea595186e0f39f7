-- A book written with schema 0001, as SQLite dumps it.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE balance (
	lot_id TEXT NOT NULL, 
	component TEXT NOT NULL, 
	state TEXT NOT NULL, 
	hold_id TEXT NOT NULL, 
	amount INTEGER NOT NULL, 
	entry_id INTEGER NOT NULL, 
	PRIMARY KEY (lot_id, component, state, hold_id), 
	CONSTRAINT balance_not_overdrawn CHECK (CASE WHEN state = 'source' THEN amount <= 0 ELSE amount >= 0 END), 
	FOREIGN KEY(lot_id) REFERENCES lot (lot_id), 
	FOREIGN KEY(entry_id) REFERENCES entry (entry_id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "balance" VALUES('2024-07','area','free','',200,2);
INSERT INTO "balance" VALUES('2024-07','area','source','',-200,2);
INSERT INTO "balance" VALUES('L000001','area','free','',0,8);
INSERT INTO "balance" VALUES('L000001','area','held','H000003',30,5);
INSERT INTO "balance" VALUES('L000001','area','held','H000006',0,7);
INSERT INTO "balance" VALUES('L000001','area','lapsed','',50,8);
INSERT INTO "balance" VALUES('L000001','area','source','',-100,1);
INSERT INTO "balance" VALUES('L000001','area','used','H000003',20,4);
INSERT INTO "balance" VALUES('L000001','paddy','free','',0,8);
INSERT INTO "balance" VALUES('L000001','paddy','held','H000003',5,3);
INSERT INTO "balance" VALUES('L000001','paddy','lapsed','',35,8);
INSERT INTO "balance" VALUES('L000001','paddy','source','',-40,1);
CREATE TABLE entry (
	entry_id INTEGER NOT NULL, 
	event TEXT NOT NULL, 
	effective TEXT NOT NULL, 
	recorded TEXT NOT NULL, 
	official_type TEXT NOT NULL, 
	document TEXT NOT NULL, 
	note TEXT NOT NULL, 
	reverses INTEGER, 
	"key" TEXT, 
	request TEXT NOT NULL, 
	line_count INTEGER NOT NULL, 
	PRIMARY KEY (entry_id), 
	CONSTRAINT entry_event CHECK (event IN ('inflow', 'hold', 'settle', 'void', 'expire', 'reverse')), 
	CONSTRAINT entry_reverses CHECK ((event = 'reverse') = (reverses IS NOT NULL)), 
	CONSTRAINT entry_effective CHECK (length(effective) = 10), 
	CONSTRAINT entry_recorded CHECK (length(recorded) = 27), 
	UNIQUE (reverses), 
	FOREIGN KEY(reverses) REFERENCES entry (entry_id), 
	UNIQUE ("key")
)
 STRICT

;
INSERT INTO "entry" VALUES(1,'inflow','2026-01-01','2026-06-01T09:00:01.000000Z','','','',NULL,NULL,'bc7d1f2d3ee9634895e0b941d40376cc6d8863ba3e5b113703174dd3e0569614',4);
INSERT INTO "entry" VALUES(2,'inflow','2024-10-13','2026-06-01T09:00:02.000000Z','周转指标下达','苏政〔2024〕41号','note',NULL,'k1','219f6033f70947b6d3c7beb4dd37103040f046ad165bc7d81bdd9b103ad82cbf',2);
INSERT INTO "entry" VALUES(3,'hold','2026-03-01','2026-06-01T09:00:03.000000Z','','','',NULL,NULL,'2cbec2c5a4a55e7d2ef03e62f54c9d20dfad566bfb4b4ccc19b93d1cdd880e8c',4);
INSERT INTO "entry" VALUES(4,'settle','2026-03-01','2026-06-01T09:00:04.000000Z','','','',NULL,NULL,'cdf6a27771ae26b51d51209421222ccf418cf8e3b1e5876fd5d119fabf8aff3d',2);
INSERT INTO "entry" VALUES(5,'void','2026-06-01','2026-06-01T09:00:05.000000Z','','','',NULL,NULL,'3ae5b508cc1362cb358b174dcb9963105ff187bd8139e9c563034cf6edba1789',2);
INSERT INTO "entry" VALUES(6,'hold','2026-06-01','2026-06-01T09:00:06.000000Z','','','',NULL,NULL,'77cba936b05b13b5f8a9d9c67fb39fb6a9ba642d162cd6bca78e6986d2f9a630',2);
INSERT INTO "entry" VALUES(7,'reverse','2026-06-01','2026-06-01T09:00:07.000000Z','','','',6,NULL,'936a84aa806e6f772651c640795b0374af960e5abc5c70bf44155b564935551b',2);
INSERT INTO "entry" VALUES(8,'expire','2027-01-01','2026-06-01T09:00:08.000000Z','','','',NULL,NULL,'53c2b178966a0be115945a278ac6f8e03c01aabde8dd5ef892ccbd0c573329cb',4);
CREATE TABLE hold (
	hold_id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	scenario_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	due TEXT, 
	PRIMARY KEY (hold_id)
)
 STRICT

;
INSERT INTO "hold" VALUES('H000003','P1','S1','offset','2027-03-01');
INSERT INTO "hold" VALUES('H000006','P2','S1','offset',NULL);
CREATE TABLE lot (
	lot_id TEXT NOT NULL, 
	place TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	pool TEXT NOT NULL, 
	vintage INTEGER NOT NULL, 
	document TEXT NOT NULL, 
	document_date TEXT, 
	origin TEXT NOT NULL, 
	expires TEXT, 
	unit_cost_yuan INTEGER, 
	uses TEXT NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (lot_id)
)
 STRICT

;
INSERT INTO "lot" VALUES('L000001','CN/32/3206/320623','offset','stock',2026,'No. 1',NULL,'[]','2026-12-31',NULL,'[]','');
INSERT INTO "lot" VALUES('2024-07','CN/32/3206/320623','linkage','21挂',2021,'苏政〔2024〕41号','2024-10-13','["demolition/CJ-003", "demolition/CJ-004"]','2027-10-13',150000,'["industry"]','三年内归还');
CREATE TABLE posting (
	entry_id INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	lot_id TEXT NOT NULL, 
	component TEXT NOT NULL, 
	state TEXT NOT NULL, 
	amount INTEGER NOT NULL, 
	hold_id TEXT, 
	PRIMARY KEY (entry_id, line), 
	CONSTRAINT posting_state CHECK (state IN ('source', 'free', 'held', 'used', 'lapsed')), 
	CONSTRAINT posting_amount CHECK (amount <> 0 AND abs(amount) <= 1000000000000000), 
	CONSTRAINT posting_hold CHECK ((hold_id IS NOT NULL) = (state IN ('held', 'used'))), 
	FOREIGN KEY(entry_id) REFERENCES entry (entry_id) DEFERRABLE INITIALLY DEFERRED, 
	FOREIGN KEY(lot_id) REFERENCES lot (lot_id), 
	FOREIGN KEY(hold_id) REFERENCES hold (hold_id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "posting" VALUES(1,1,'L000001','area','source',-100,NULL);
INSERT INTO "posting" VALUES(1,2,'L000001','area','free',100,NULL);
INSERT INTO "posting" VALUES(1,3,'L000001','paddy','source',-40,NULL);
INSERT INTO "posting" VALUES(1,4,'L000001','paddy','free',40,NULL);
INSERT INTO "posting" VALUES(2,1,'2024-07','area','source',-200,NULL);
INSERT INTO "posting" VALUES(2,2,'2024-07','area','free',200,NULL);
INSERT INTO "posting" VALUES(3,1,'L000001','area','free',-60,NULL);
INSERT INTO "posting" VALUES(3,2,'L000001','area','held',60,'H000003');
INSERT INTO "posting" VALUES(3,3,'L000001','paddy','free',-5,NULL);
INSERT INTO "posting" VALUES(3,4,'L000001','paddy','held',5,'H000003');
INSERT INTO "posting" VALUES(4,1,'L000001','area','held',-20,'H000003');
INSERT INTO "posting" VALUES(4,2,'L000001','area','used',20,'H000003');
INSERT INTO "posting" VALUES(5,1,'L000001','area','held',-10,'H000003');
INSERT INTO "posting" VALUES(5,2,'L000001','area','free',10,NULL);
INSERT INTO "posting" VALUES(6,1,'L000001','area','free',-1,NULL);
INSERT INTO "posting" VALUES(6,2,'L000001','area','held',1,'H000006');
INSERT INTO "posting" VALUES(7,1,'L000001','area','free',1,NULL);
INSERT INTO "posting" VALUES(7,2,'L000001','area','held',-1,'H000006');
INSERT INTO "posting" VALUES(8,1,'L000001','area','free',-50,NULL);
INSERT INTO "posting" VALUES(8,2,'L000001','area','lapsed',50,NULL);
INSERT INTO "posting" VALUES(8,3,'L000001','paddy','free',-35,NULL);
INSERT INTO "posting" VALUES(8,4,'L000001','paddy','lapsed',35,NULL);
CREATE INDEX lot_account ON lot (kind, place, pool);
CREATE INDEX hold_project ON hold (project_id, scenario_id, kind);
CREATE INDEX entry_effective_order ON entry (effective);
CREATE INDEX posting_cell ON posting (lot_id, component, state, hold_id);
CREATE INDEX posting_of_hold ON posting (hold_id);
CREATE TRIGGER lot_update_guard BEFORE UPDATE ON "lot" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): lot is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER lot_delete_guard BEFORE DELETE ON "lot" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): lot is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER hold_update_guard BEFORE UPDATE ON "hold" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): hold is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER hold_delete_guard BEFORE DELETE ON "hold" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): hold is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER entry_update_guard BEFORE UPDATE ON "entry" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): entry is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER entry_delete_guard BEFORE DELETE ON "entry" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): entry is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER posting_update_guard BEFORE UPDATE ON "posting" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): posting is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER posting_delete_guard BEFORE DELETE ON "posting" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): posting is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER balance_delete_guard BEFORE DELETE ON "balance" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (append_only): balance is append-only; correct it by a reversing entry')
    WHERE 1;
END;
CREATE TRIGGER lot_insert_guard BEFORE INSERT ON "lot" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (exists): this lot exists already')
    WHERE EXISTS (SELECT 1 FROM lot WHERE lot_id = NEW.lot_id);
END;
CREATE TRIGGER hold_insert_guard BEFORE INSERT ON "hold" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (exists): this hold exists already')
    WHERE EXISTS (SELECT 1 FROM hold WHERE hold_id = NEW.hold_id);
END;
CREATE TRIGGER posting_insert_guard BEFORE INSERT ON "posting" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (keys_off): switch foreign keys on first (PRAGMA foreign_keys = ON)')
    WHERE (SELECT foreign_keys FROM pragma_foreign_keys) = 0;
    SELECT RAISE(ABORT, 'quota book refuses (order): entries are sealed and numbered one after the other; write to the next one only')
    WHERE NEW.entry_id IS NOT (SELECT coalesce(max(entry_id), 0) FROM entry) + 1;
    SELECT RAISE(ABORT, 'quota book refuses (exists): this posting exists already')
    WHERE EXISTS (SELECT 1 FROM posting WHERE entry_id = NEW.entry_id AND line = NEW.line);
END;
CREATE TRIGGER entry_insert_guard BEFORE INSERT ON "entry" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (keys_off): switch foreign keys on first (PRAGMA foreign_keys = ON)')
    WHERE (SELECT foreign_keys FROM pragma_foreign_keys) = 0;
    SELECT RAISE(ABORT, 'quota book refuses (order): entries are sealed and numbered one after the other; write to the next one only')
    WHERE NEW.entry_id IS NOT (SELECT coalesce(max(entry_id), 0) FROM entry) + 1;
    SELECT RAISE(ABORT, 'quota book refuses (key_used): an entry with this key exists already')
    WHERE EXISTS (SELECT 1 FROM entry WHERE key = NEW.key);
    SELECT RAISE(ABORT, 'quota book refuses (recorded): an entry is not recorded before an earlier one')
    WHERE NEW.recorded < (SELECT recorded FROM entry ORDER BY entry_id DESC LIMIT 1);
    SELECT RAISE(ABORT, 'quota book refuses (lines): the postings of the entry are missing, or more than it says')
    WHERE NEW.line_count < 1 OR NEW.line_count IS NOT (SELECT count(*) FROM posting AS p WHERE p.entry_id = NEW.entry_id);
    SELECT RAISE(ABORT, 'quota book refuses (unbalanced): the postings must sum to zero for each lot and component')
    WHERE EXISTS (SELECT 1 FROM posting AS p WHERE p.entry_id = NEW.entry_id GROUP BY p.lot_id, p.component HAVING sum(p.amount) <> 0);
    SELECT RAISE(ABORT, 'quota book refuses (move): a posting does not fit the event of its entry')
    WHERE NEW.event <> 'reverse' AND EXISTS (
    SELECT 1 FROM posting AS p WHERE p.entry_id = NEW.entry_id AND (NEW.event, p.state, p.amount > 0) NOT IN (VALUES
        ('inflow', 'source', 0), ('inflow', 'free', 1),
        ('hold', 'free', 0), ('hold', 'held', 1),
        ('settle', 'held', 0), ('settle', 'used', 1),
        ('void', 'held', 0), ('void', 'free', 1),
        ('expire', 'free', 0), ('expire', 'lapsed', 1)));
    SELECT RAISE(ABORT, 'quota book refuses (holds): an entry concerns one hold only, and does not pass from hold to hold')
    WHERE (SELECT count(DISTINCT p.hold_id) FROM posting AS p WHERE p.entry_id = NEW.entry_id) > 1;
    SELECT RAISE(ABORT, 'quota book refuses (lot_filled): a lot is filled by one inflow, and an inflow fills one lot')
    WHERE NEW.event = 'inflow' AND (
    (SELECT count(DISTINCT p.lot_id) FROM posting AS p WHERE p.entry_id = NEW.entry_id) <> 1
    OR EXISTS (SELECT 1 FROM posting AS earlier WHERE earlier.entry_id <> NEW.entry_id
               AND earlier.lot_id IN (SELECT p.lot_id FROM posting AS p WHERE p.entry_id = NEW.entry_id)));
    SELECT RAISE(ABORT, 'quota book refuses (hold_filled): a hold is filled by one entry')
    WHERE NEW.event = 'hold' AND EXISTS (
    SELECT 1 FROM posting AS earlier WHERE earlier.entry_id <> NEW.entry_id
    AND earlier.hold_id IN (SELECT p.hold_id FROM posting AS p WHERE p.entry_id = NEW.entry_id));
    SELECT RAISE(ABORT, 'quota book refuses (expired): the lot has expired before the hold counts')
    WHERE NEW.event = 'hold' AND EXISTS (
    SELECT 1 FROM posting AS p JOIN lot ON lot.lot_id = p.lot_id
    WHERE p.entry_id = NEW.entry_id AND lot.expires < NEW.effective);
    SELECT RAISE(ABORT, 'quota book refuses (reversal): a reversal negates exactly one earlier entry that is none, once')
    WHERE (NEW.event = 'reverse') IS NOT (NEW.reverses IS NOT NULL)
    OR NEW.event = 'reverse' AND (
        NOT EXISTS (SELECT 1 FROM entry WHERE entry_id = NEW.reverses AND event <> 'reverse')
        OR EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses)
        OR EXISTS (SELECT 1 FROM posting AS p WHERE p.entry_id IN (NEW.entry_id, NEW.reverses)
                   GROUP BY p.lot_id, p.component, p.state, coalesce(p.hold_id, '') HAVING sum(p.amount) <> 0));
    SELECT RAISE(ABORT, 'quota book refuses (overdraft): more is taken than is there')
    WHERE EXISTS (
    SELECT 1 FROM (
        SELECT p.state, sum(p.amount) + coalesce((
            SELECT b.amount FROM balance AS b WHERE p.lot_id = b.lot_id AND p.component = b.component AND p.state = b.state AND coalesce(p.hold_id, '') = b.hold_id), 0) AS amount
        FROM posting AS p WHERE p.entry_id = NEW.entry_id GROUP BY p.lot_id, p.component, p.state, coalesce(p.hold_id, '')) AS after
    WHERE CASE WHEN after.state = 'source' THEN after.amount > 0 ELSE after.amount < 0 END);
    SELECT RAISE(ABORT, 'quota book refuses (backdated): a day from the effective date on would be overdrawn')
    WHERE NEW.effective < (SELECT max(effective) FROM entry) AND EXISTS (
    SELECT 1 FROM (
        SELECT state, effective, sum(amount) OVER (
            PARTITION BY lot_id, component, state, hold_id ORDER BY effective) AS running
        FROM (
            SELECT p.lot_id, p.component, p.state, coalesce(p.hold_id, '') AS hold_id,
                   coalesce(e.effective, NEW.effective) AS effective, sum(p.amount) AS amount
            FROM posting AS p LEFT JOIN entry AS e ON e.entry_id = p.entry_id
            WHERE p.lot_id IN (SELECT p.lot_id FROM posting AS p WHERE p.entry_id = NEW.entry_id)
            GROUP BY 1, 2, 3, 4, 5)) AS day
    WHERE day.effective >= NEW.effective AND CASE WHEN day.state = 'source' THEN day.running > 0 ELSE day.running < 0 END);
END;
CREATE TRIGGER entry_apply AFTER INSERT ON entry BEGIN
    UPDATE balance SET entry_id = NEW.entry_id, amount = amount + (
        SELECT sum(p.amount) FROM posting AS p WHERE p.entry_id = NEW.entry_id AND p.lot_id = balance.lot_id AND p.component = balance.component AND p.state = balance.state AND coalesce(p.hold_id, '') = balance.hold_id)
    WHERE (lot_id, component, state, hold_id) IN (SELECT p.lot_id, p.component, p.state, coalesce(p.hold_id, '') FROM posting AS p WHERE p.entry_id = NEW.entry_id);
    INSERT INTO balance (lot_id, component, state, hold_id, amount, entry_id)
    SELECT p.lot_id, p.component, p.state, coalesce(p.hold_id, ''), sum(p.amount), NEW.entry_id FROM posting AS p WHERE p.entry_id = NEW.entry_id AND NOT EXISTS (
        SELECT 1 FROM balance AS b WHERE p.lot_id = b.lot_id AND p.component = b.component AND p.state = b.state AND coalesce(p.hold_id, '') = b.hold_id)
    GROUP BY p.lot_id, p.component, p.state, coalesce(p.hold_id, '');
END;
CREATE TRIGGER balance_insert_guard BEFORE INSERT ON "balance" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (balance): balances follow the entries; post an entry instead')
    WHERE 
        NEW.entry_id IS NOT (SELECT coalesce(max(entry_id), 0) FROM entry) OR NEW.amount IS NOT (SELECT sum(p.amount) FROM posting AS p WHERE p.entry_id = NEW.entry_id AND p.lot_id = NEW.lot_id AND p.component = NEW.component AND p.state = NEW.state AND coalesce(p.hold_id, '') = NEW.hold_id) OR EXISTS (
            SELECT 1 FROM balance AS p WHERE p.lot_id = NEW.lot_id AND p.component = NEW.component AND p.state = NEW.state AND coalesce(p.hold_id, '') = NEW.hold_id);
END;
CREATE TRIGGER balance_update_guard BEFORE UPDATE ON "balance" BEGIN
    SELECT RAISE(ABORT, 'quota book refuses (balance): balances follow the entries; post an entry instead')
    WHERE 
        NEW.entry_id IS NOT (SELECT coalesce(max(entry_id), 0) FROM entry) OR NEW.entry_id <= OLD.entry_id
        OR NEW.amount IS NOT OLD.amount + (SELECT sum(p.amount) FROM posting AS p WHERE p.entry_id = NEW.entry_id AND p.lot_id = NEW.lot_id AND p.component = NEW.component AND p.state = NEW.state AND coalesce(p.hold_id, '') = NEW.hold_id)
        OR (NEW.lot_id, NEW.component, NEW.state, NEW.hold_id)
        IS NOT (OLD.lot_id, OLD.component, OLD.state, OLD.hold_id);
END;
COMMIT;
