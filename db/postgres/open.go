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

	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/sink"
)

// Options of Open. The zero value is what most want.
type Options struct {
	MaxConns        int           // at most this many connections at once, the control connection included; 0: no limit, and calls that read need not wait for one another
	ApplicationName string        // as pg_stat_activity shows it; "" takes the URL's or environment's, else "sower"
	ReadOnly        bool          // the server refuses every write of these connections
	LockTimeout     time.Duration // how long a statement waits for a lock of another session; 0: a minute, negative: without limit
	Log             *slog.Logger  // is told what takes its time, such as the end of a dead run's work; may be nil
	Copy            string        // format of loads: "text", "binary" (where all columns have one), or "", which chooses for each table
	TrustCodeOf     []string      // roles whose code may run with the rights of the URL's, besides those that could become it anyway
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
	bare    atomic.Bool // the server, or a pooler before it, refuses settings in the start-up packet
	dialect Dialect
	run     atomic.Int64

	turn   chan struct{} // holds one token: whoever has it may use ctl, and change lock
	ctl    *session
	lock   atomic.Pointer[heldLock]
	own    sync.Map // the server's processes of these connections
	eqOps  sync.Map // type name -> its equality operator, both strings
	closed bool
	code   knownCode
	fewer  sync.Once // says that reading is not as parallel as it could be

	writing struct { // trigger functions that write
		sync.Mutex
		texts map[string]string // by name; nil: not read yet
	}
	pool struct {
		sync.Mutex
		open   int        // connections, the control one included
		idle   []*session // of closed loaders
		closed bool
		code   knownCode
		full   time.Time // when the server last let no more in
	}
}

var _ sink.Store = (*DB)(nil)

// oldest is the oldest server that is supported.
const oldest = 13

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
	cfg.BuildContextWatcherHandler = newCanceler
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
		return nil, fmt.Errorf("%s: all %d allowed connections are in use: close a loader first, or allow more: %w", db.where, db.opt.MaxConns, sink.ErrConnections)
	}
	db.pool.open++
	db.pool.Unlock()
	s, err := db.dial(ctx, settings)
	for code(err) == tooMany && db.makeRoom() {
		s, err = db.dial(ctx, settings)
	}
	if err != nil {
		db.forget()
		return nil, err
	}
	s.forget = db.forget
	return s, nil
}

// connectPatiently is connect for a connection that nothing can do without: where the server lets no more in, it asks
// again for some seconds. What has just ended may still count, and so do autovacuum's workers for the limit of a database.
func (db *DB) connectPatiently(ctx context.Context, settings ...string) (*session, error) {
	for n := 0; ; n++ {
		s, err := db.connect(ctx, settings...)
		if code(err) != tooMany || n == retries || backoff(ctx, n) != nil {
			return s, err
		}
	}
}

// makeRoom closes an idle connection, where the server lets no more in. False: there is none.
func (db *DB) makeRoom() bool {
	db.pool.Lock()
	db.pool.full = time.Now()
	db.pool.Unlock()
	s := db.popIdle()
	if s != nil {
		_ = s.close()
	}
	return s != nil
}

// fullFor is how long reading does without further connections, once the server has let no more in.
const fullFor = 2 * time.Second

// room tells whether a session may be had beside those in use: an idle one, or a new one.
func (db *DB) room() bool {
	db.pool.Lock()
	defer db.pool.Unlock()
	return len(db.pool.idle) > 0 || db.opt.MaxConns == 0 && time.Since(db.pool.full) > fullFor
}

func (db *DB) forget() {
	db.pool.Lock()
	db.pool.open--
	db.pool.Unlock()
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
