package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// fixed are the settings that decide what text and expressions mean. They win over whatever the URL, the role and the
// database say.
var fixed = map[string]string{
	"client_encoding": "UTF8", "standard_conforming_strings": "on", "bytea_output": "hex", "array_nulls": "on",
	"timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "postgres", "lc_monetary": "C", "extra_float_digits": "1",
	"xmloption": "content", "transform_null_equals": "off", "quote_all_identifiers": "off", "exit_on_error": "off",
	"default_transaction_isolation": "read committed", "default_transaction_deferrable": "off",
	"gin_fuzzy_search_limit": "0", "check_function_bodies": "on", "row_security": "on",
}

// preferred are settings that role and database have no say in, but the URL has: a limit of time, a plan.
var preferred = map[string]string{
	"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "tcp_user_timeout": "0",
	"client_min_messages": "notice", "plan_cache_mode": "auto",
	"jit":               "off", // compiling a query of the catalog takes longer than its answer
	"enable_bitmapscan": "on", "enable_hashagg": "on", "enable_hashjoin": "on", "enable_indexonlyscan": "on",
	"enable_indexscan": "on", "enable_material": "on", "enable_mergejoin": "on", "enable_nestloop": "on",
	"enable_seqscan": "on", "enable_sort": "on", "enable_tidscan": "on",
}

// later are preferred settings that only servers from a major version on have.
var later = map[string]int{"idle_session_timeout": 14, "transaction_timeout": 17}

// A role without the right to set it may have got it from a superuser; Check looks at it.
const firesTriggers = `select pg_catalog.set_config('session_replication_role', 'origin', false)
 where pg_catalog.current_setting('session_replication_role') operator(pg_catalog.<>) 'origin'
 and pg_catalog.current_setting('is_superuser') operator(pg_catalog.=) 'on'`

// settings are those of all sessions on a server of this major version; 0: of one that is not known yet.
func (db *DB) settings(major int) map[string]string {
	set := maps.Clone(fixed)
	named := namedSettings(db.cfg.RuntimeParams)
	add := func(name, value string) {
		if !named[name] {
			set[name] = value
		}
	}
	for name, value := range preferred {
		add(name, value)
	}
	for name, from := range later {
		if major >= from {
			add(name, "0")
		}
	}
	if db.opt.LockTimeout != 0 || !named["lock_timeout"] {
		set["lock_timeout"] = db.lockTimeout()
	}
	if db.opt.ReadOnly {
		set["default_transaction_read_only"] = "on"
	}
	return set
}

// optionForm finds a setting in the start-up parameter options: -c name=value, -cname=value, --name=value.
var optionForm = regexp.MustCompile(`(?:^|\s)(?:-c\s*|--)([A-Za-z_][\w.-]*)=`)

// namedSettings are the settings that a URL or its environment names, itself or in options.
func namedSettings(params map[string]string) map[string]bool {
	named := map[string]bool{}
	for name := range params {
		named[strings.ToLower(name)] = true
	}
	for _, m := range optionForm.FindAllStringSubmatch(params["options"], -1) {
		named[strings.ToLower(strings.ReplaceAll(m[1], "-", "_"))] = true
	}
	return named
}

// dial opens a connection that has its settings before its first statement, so that no limit of role or database
// strikes: they travel in the start-up packet. A pooler refuses those that it does not know: then they are set first
// thing.
func (db *DB) dial(ctx context.Context, more []string) (*session, error) {
	for try := 0; ; try++ {
		known := int(db.major.Load())
		pg, bare, err := db.start(ctx, known)
		if err != nil {
			return nil, db.connectError(ctx, err)
		}
		// For the calls that must end even when their caller's context has.
		s := &session{db: db, pg: pg, ctx: context.WithoutCancel(ctx)}
		db.own.Store(pidText(s), true)
		version := pg.ParameterStatus("server_version")
		major, _ := strconv.Atoi(digits(version))
		if major < oldest {
			_ = s.close()
			return nil, fmt.Errorf("%s is PostgreSQL %s: sower needs %d or newer", db.where, version, oldest)
		}
		db.major.Store(int32(major))
		err = db.prepare(ctx, s, major, known == 0 || bare, more)
		if err == nil {
			return s, nil
		}
		_ = s.close()
		// The limits of newer servers, which the first packet did not have, or all of them behind a pooler.
		early := code(err) == canceled || code(err) == transactionTimeout || lost(err) || ended(err)
		if !early || ctx.Err() != nil || try == retries {
			return nil, explain(ctx, "prepare the session at "+db.where, err)
		}
	}
}

// transactionTimeout is the code of an error that ends the connection.
const transactionTimeout = "25P04"

// start opens a connection with the settings in its start-up packet, or, bare, without them.
func (db *DB) start(ctx context.Context, major int) (pg *pgconn.PgConn, bare bool, err error) {
	if !db.bare.Load() {
		cfg, settings := db.cfg.Copy(), db.settings(major)
		maps.DeleteFunc(cfg.RuntimeParams, func(name, _ string) bool { return settings[strings.ToLower(name)] != "" })
		maps.Copy(cfg.RuntimeParams, settings)
		if pg, err = pgconn.ConnectConfig(ctx, cfg); err == nil || !refusesParameters(err) {
			return pg, false, err
		}
	}
	if pg, err = pgconn.ConnectConfig(ctx, db.cfg); err == nil {
		db.bare.Store(true)
	}
	return pg, true, err
}

// refusesParameters tells whether a connection may have failed by the settings in its start-up packet: PgBouncer
// (08P01), proxies of clouds (0A000), a setting that the server does not know or does not take.
func refusesParameters(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && slices.Contains([]string{"08P01", "0A000", "42704", "22023", noPrivilege}, pe.Code)
}

// prepare makes the settings of a session that its start could not have, all of them in one message; whole: also
// those that the start has where the server's version was known.
func (db *DB) prepare(ctx context.Context, s *session, major int, whole bool, more []string) error {
	var set []string
	if whole {
		settings := db.settings(major)
		// Limits come first: they may strike any time.
		names := slices.SortedFunc(maps.Keys(settings), func(a, b string) int {
			limits := func(name string) int { return strings.Count(name, "_timeout") }
			if d := limits(b) - limits(a); d != 0 {
				return d
			}
			return strings.Compare(a, b)
		})
		for _, name := range names {
			set = append(set, "set "+name+" = '"+settings[name]+"'")
		}
	}
	set = append(set, firesTriggers)
	got, err := s.pg.Exec(ctx, enterControl+"; "+strings.Join(append(set, more...), ";")).ReadAll()
	s.count(err)
	if err == nil && len(got) > 0 && len(got[0].Rows) == 1 {
		s.noteOwnPath(string(got[0].Rows[0][0]))
	}
	return err
}
