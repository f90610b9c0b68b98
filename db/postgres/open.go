package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/sink"
)

// Options of Open. The zero value is what most want.
type Options struct {
	MaxConns        int          // at most this many connections at once, the control connection included; 0: no limit, and calls that read need not wait for one another
	ApplicationName string       // as pg_stat_activity shows it; "" takes the URL's or environment's, else "sower"
	ReadOnly        bool         // the server refuses every write of these connections
	Log             *slog.Logger // is told what takes its time, such as the end of a dead run's work; may be nil
	Copy            string       // format of loads: "text", "binary" (where all columns have one), or "", which chooses for each table
}

// DB is an open PostgreSQL database.
type DB struct {
	cfg     *pgconn.Config
	opt     Options
	where   string // the URL without its password
	name    string // of the database, from the URL
	user    string
	major   atomic.Int32 // version of the server: sessions that connect at once all note it
	version string
	dialect Dialect
	run     atomic.Int64

	turn   chan struct{} // holds one token: whoever has it may use ctl, and change lock
	ctl    *session
	lock   atomic.Pointer[heldLock]
	eqOps  sync.Map // type name -> its equality operator, both strings
	closed bool

	pool struct {
		sync.Mutex
		open   int        // connections, the control one included
		idle   []*session // of closed loaders
		closed bool
	}
}

var _ sink.Store = (*DB)(nil)

// oldest is the oldest server that is supported.
const oldest = 13

// abortDelay is how long a canceled call waits for the server to answer the cancel request before the
// connection is given up.
const abortDelay = 3 * time.Second

// connectTimeout is for one connection, where neither URL nor environment says otherwise.
const connectTimeout = 30 * time.Second

// Open connects to the database that url names: postgres://user:password@host:port/database, or
// libpq's "key=value ..." form. What it leaves open comes from libpq's environment variables, password
// file and service file.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	cfg, err := parse(url)
	if err != nil {
		return nil, err
	}
	if o.ApplicationName != "" {
		cfg.RuntimeParams["application_name"] = o.ApplicationName
	} else if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "sower"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	cfg.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler {
		// A cancel request, so that the connection survives: the control connection holds the lock.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: pg, DeadlineDelay: abortDelay}
	}
	db := &DB{cfg: cfg, opt: o, where: address(cfg), name: databaseName(cfg), user: cfg.User, turn: make(chan struct{}, 1)}
	db.turn <- struct{}{}
	if err := db.control(ctx, func(s *session) error {
		db.version = s.pg.ParameterStatus("server_version")
		db.dialect = Dialect{ascii: s.pg.ParameterStatus("server_encoding") != "UTF8"}
		return nil
	}); err != nil {
		return nil, err
	}
	return db, nil
}

func (db *DB) log() *slog.Logger {
	if db.opt.Log != nil {
		return db.opt.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Dialect writes SQL for this database.
func (db *DB) Dialect() gen.Dialect { return db.dialect }

// UseRun names the run that the ledger rows of Loaders opened from now on belong to. With 0, loaders
// write no ledger.
func (db *DB) UseRun(number int64) { db.run.Store(number) }

// Close closes all connections that no open Loader has. It waits for a call under way.
func (db *DB) Close() error {
	<-db.turn
	defer func() { db.turn <- struct{}{} }()
	if db.closed {
		return nil
	}
	db.closed = true
	var errs []error
	if db.ctl != nil {
		errs = append(errs, db.ctl.close())
		db.ctl = nil
	}
	db.pool.Lock()
	idle := db.pool.idle
	db.pool.idle, db.pool.closed = nil, true
	db.pool.Unlock()
	for _, s := range idle {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// connect opens a connection and gives it its settings.
func (db *DB) connect(ctx context.Context, settings ...string) (*session, error) {
	db.pool.Lock()
	if n := len(db.pool.idle); n > 0 && db.opt.MaxConns > 0 && db.pool.open >= db.opt.MaxConns {
		s := db.pool.idle[n-1]
		db.pool.idle = db.pool.idle[:n-1]
		db.pool.Unlock()
		_ = s.close()
		db.pool.Lock()
	}
	if db.pool.closed {
		db.pool.Unlock()
		return nil, fmt.Errorf("%s: the database is closed", db.where)
	}
	if db.opt.MaxConns > 0 && db.pool.open >= db.opt.MaxConns {
		db.pool.Unlock()
		return nil, fmt.Errorf("%s: all %d allowed connections are in use: close a loader first, or allow more", db.where, db.opt.MaxConns)
	}
	db.pool.open++
	db.pool.Unlock()
	s, err := db.dial(ctx, settings)
	if err != nil {
		db.forget()
		return nil, err
	}
	s.forget = db.forget
	return s, nil
}

func (db *DB) forget() {
	db.pool.Lock()
	db.pool.open--
	db.pool.Unlock()
}

func (db *DB) dial(ctx context.Context, settings []string) (*session, error) {
	pg, err := pgconn.ConnectConfig(ctx, db.cfg)
	if err != nil {
		return nil, db.connectError(ctx, err)
	}
	// For the calls that must end even when their caller's context has.
	s := &session{pg: pg, ctx: context.WithoutCancel(ctx)}
	major, _ := strconv.Atoi(digits(pg.ParameterStatus("server_version")))
	if major < oldest {
		_ = s.close()
		return nil, fmt.Errorf("%s is PostgreSQL %s: sower needs %d or newer", db.where, pg.ParameterStatus("server_version"), oldest)
	}
	db.major.Store(int32(major))
	if err := s.run(ctx, strings.Join(append(db.settings(major), settings...), ";")); err != nil {
		_ = s.close()
		return nil, explain(ctx, "prepare the session at "+db.where, err)
	}
	return s, nil
}

// settings are the same for all sessions. They are set after connecting, not with it: poolers refuse
// start parameters that they do not know.
func (db *DB) settings(major int) []string {
	set := []string{
		"set client_encoding = 'UTF8'", "set standard_conforming_strings = on", "set bytea_output = 'hex'",
		"set timezone = 'UTC'", "set datestyle = 'ISO, YMD'", "set intervalstyle = 'postgres'", "set lc_monetary = 'C'", "set extra_float_digits = 1",
		"set default_transaction_isolation = 'read committed'",
		"set statement_timeout = 0", "set lock_timeout = 0", "set idle_in_transaction_session_timeout = 0",
	}
	if db.cfg.User == "sower" {
		// Or the schema of the record, once it is there, would be this user's own: where tables are made.
		set = append(set, `select set_config('search_path', regexp_replace(current_setting('search_path'), '"?\$user"?\s*,?\s*', ''), false)`)
	}
	if major >= 14 {
		set = append(set, "set idle_session_timeout = 0")
	}
	if major >= 17 {
		set = append(set, "set transaction_timeout = 0")
	}
	if db.opt.ReadOnly {
		set = append(set, "set default_transaction_read_only = on")
	}
	return set
}

// DatabaseOf gives the name of the database that url leads to, by the same rules as Open (environment
// and service file included), without connecting. A URL that names two different databases is an error.
func DatabaseOf(url string) (string, error) {
	cfg, err := parse(url)
	if err != nil {
		return "", err
	}
	return databaseName(cfg), nil
}

func databaseName(cfg *pgconn.Config) string {
	if cfg.Database == "" {
		return cfg.User // as the server takes it
	}
	return cfg.Database
}

// parse reads url. Its errors quote nothing of it: in a malformed URL any piece may be of a password.
func parse(url string) (*pgconn.Config, error) {
	rest, isURL := cutScheme(url)
	switch {
	case isURL:
		// The driver would take the wrong piece for the host or the database, and show it.
		if at := strings.LastIndexByte(rest, '@'); at >= 0 && strings.ContainsAny(rest[:at], "@/?") {
			return nil, errors.New("the database URL cannot be read: an @ stands where none may be: " +
				"in a user name or a password, and behind the host, write @ as %40, / as %2F and ? as %3F")
		}
	case !strings.Contains(url, "=") || strings.Contains(strings.SplitN(url, "=", 2)[0], "://"):
		return nil, errors.New("the database URL cannot be read: it must begin with postgres:// (postgres://user:password@host:port/database)")
	}
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database URL cannot be read: %s", parseReason(err))
	}
	for _, name := range namedDatabases(url) {
		if name != databaseName(cfg) {
			return nil, fmt.Errorf("the database URL names two databases, %q and %q: keep one", name, databaseName(cfg))
		}
	}
	return cfg, nil
}

var quoted = regexp.MustCompile(`"(?:\\.|[^"\\])*"?`)

// parseReason gives the driver's reason without the URL and without what it quotes of it.
func parseReason(err error) string {
	var pe *pgconn.ParseConfigError
	if !errors.As(err, &pe) {
		return "it is malformed"
	}
	bare := *pe
	bare.ConnString = ""
	_, text, _ := strings.Cut(bare.Error(), "``: ")
	return quoted.ReplaceAllString(text, "...")
}

func cutScheme(url string) (rest string, ok bool) {
	for _, scheme := range []string{"postgres://", "postgresql://"} {
		if rest, ok := strings.CutPrefix(url, scheme); ok {
			return rest, true
		}
	}
	return url, false
}

// namedDatabases gives all names that a readable URL has for the database.
func namedDatabases(raw string) (names []string) {
	add := func(key, value string) {
		if value != "" && (key == "dbname" || key == "database") {
			names = append(names, value)
		}
	}
	rest, isURL := cutScheme(raw)
	if !isURL {
		for _, m := range keyValue.FindAllStringSubmatch(raw, -1) {
			add(m[1], unescape(m[2]))
		}
		return names
	}
	rest, query, _ := strings.Cut(rest, "?")
	if _, path, ok := strings.Cut(rest, "/"); ok {
		add("dbname", decode(path))
	}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		add(decode(key), decode(value))
	}
	return names
}

func decode(s string) string {
	s = strings.Trim(s, " ")
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

// keyValue matches one setting of libpq's "key=value" form.
var keyValue = regexp.MustCompile(`([^\s=]+)\s*=\s*('(?:\\.|[^'\\])*'?|(?:\\.|[^\s\\])*\\?)`)

func unescape(value string) string {
	if len(value) >= 2 && value[0] == '\'' {
		value = value[1 : len(value)-1]
	}
	return regexp.MustCompile(`(?s)\\(.?)`).ReplaceAllString(value, "$1")
}

// Redact gives url without its secrets, for people to read. It rather hides too much of a malformed
// URL than too little.
func Redact(raw string) string {
	i := strings.Index(raw, "://")
	if i < 0 {
		return hideUserInfo(keyValue.ReplaceAllStringFunc(raw, func(kv string) string {
			if m := keyValue.FindStringSubmatch(kv); secret(m[1]) {
				return m[1] + "=***"
			}
			return kv
		}))
	}
	scheme, rest := raw[:i+3], hideUserInfo(raw[i+3:])
	rest, query, ok := strings.Cut(rest, "?")
	if !ok {
		return scheme + rest
	}
	pairs := strings.Split(query, "&")
	for k, pair := range pairs {
		if key, _, ok := strings.Cut(pair, "="); ok && secret(decode(key)) {
			pairs[k] = key + "=***"
		}
	}
	return scheme + rest + "?" + strings.Join(pairs, "&")
}

func hideUserInfo(s string) string {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		if user, _, ok := strings.Cut(s[:at], ":"); ok {
			return user + ":***" + s[at:]
		}
	}
	return s
}

func secret(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "pass") && key != "passfile" || strings.Contains(key, "secret") || strings.Contains(key, "token")
}

// address is where cfg leads, as a URL without the password.
func address(cfg *pgconn.Config) string {
	user := url.PathEscape(cfg.User)
	if cfg.Password != "" {
		user += ":***"
	}
	var hosts []string
	socket := ""
	add := func(host string, port uint16) {
		if network, _ := pgconn.NetworkAddress(host, port); network == "unix" {
			socket = "?host=" + host
			host = ""
		}
		if h := net.JoinHostPort(host, strconv.Itoa(int(port))); !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	add(cfg.Host, cfg.Port)
	for _, f := range cfg.Fallbacks {
		add(f.Host, f.Port)
	}
	return "postgres://" + user + "@" + strings.Join(hosts, ",") + "/" + url.PathEscape(databaseName(cfg)) + socket
}

// digits gives the digits that s begins with.
func digits(s string) string {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return s[:i]
		}
	}
	return s
}
