package postgres_test

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
)

// hostile gives settings that would each break something, were they in force.
func hostile(version int) []string {
	set := []string{
		"statement_timeout = 1", "lock_timeout = 1", "idle_in_transaction_session_timeout = 1", "tcp_user_timeout = 1",
		"client_encoding = 'LATIN1'", "standard_conforming_strings = off", "backslash_quote = off", "bytea_output = 'escape'",
		"array_nulls = off", "timezone = 'Asia/Tokyo'", "datestyle = 'SQL, DMY'", "intervalstyle = 'sql_standard'",
		"extra_float_digits = -15", "xmloption = document", "transform_null_equals = on", "quote_all_identifiers = on",
		"exit_on_error = on", "default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on",
		"gin_fuzzy_search_limit = 1", "check_function_bodies = off", "row_security = off", "client_min_messages = error",
		"plan_cache_mode = force_generic_plan", "synchronous_commit = off", "work_mem = '64kB'", "maintenance_work_mem = '1MB'",
		"enable_indexscan = off", "enable_hashjoin = off", "enable_mergejoin = off", "enable_nestloop = off", "enable_seqscan = off",
		"enable_sort = off", "enable_bitmapscan = off", "enable_hashagg = off", "session_replication_role = 'replica'",
	}
	if version >= 14 {
		set = append(set, "idle_session_timeout = 1")
	}
	if version >= 17 {
		set = append(set, "transaction_timeout = 1")
	}
	return set
}

// Whatever role and database set, for all parameters at once, connections work from their first statement on: fifty of
// them in a row.
func TestHostileSettings(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		address := s.NewDatabase(t, "hostile")
		name, _ := postgres.DatabaseOf(address)
		role := "role_" + name
		s.Psql(t, address, fmt.Sprintf(`create role %s superuser login password 'pw';
create table t (id int primary key, at timestamptz, f float8, b bytea, x text, tags text[], n int generated always as (id + 1) stored, check (x <> 'a''b'));
create table u (id serial primary key, t_id int not null references t)`, role))
		t.Cleanup(func() { s.Psql(t, "postgres", "drop role "+role) })
		var ddl strings.Builder
		for i, set := range hostile(s.Version) {
			if i%2 == 0 || strings.Contains(set, "timeout") {
				fmt.Fprintf(&ddl, "alter database %s set %s;", name, set)
			}
			if i%2 == 1 || strings.Contains(set, "timeout") {
				fmt.Fprintf(&ddl, "alter role %s in database %s set %s;", role, name, set)
			}
		}
		s.Psql(t, "postgres", ddl.String())
		at, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		at.User = url.UserPassword(role, "pw")
		for range 50 {
			db := open(t, at.String(), postgres.Options{})
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		db := open(t, at.String(), postgres.Options{})
		for _, set := range hostile(s.Version) {
			name, value, _ := strings.Cut(set, " = ")
			if slices.Contains([]string{"backslash_quote", "work_mem", "maintenance_work_mem"}, name) {
				continue // they change nothing that matters here
			}
			n, err := db.QueryInt(t.Context(), fmt.Sprintf("select (current_setting('%s') = '%s')::int", name, strings.Trim(value, "'")), nil)
			if err != nil || n != 0 && name != "row_security" { // which reads set themselves
				t.Errorf("%s is still in force: %v", set, err)
			}
		}
		tg := target(t, inspect(t, db), "t", "id", "at", "f", "b", "x")
		b := batch(0, tg, vec(kindInt, 1), vec(kindTimestamp, 1_746_072_000_123_456), vec(kindFloat, 0.1+0.2), vec(kindBytes, "\x00\\\xff"), vec(kindText, `é\n'`))
		load(t, db, tg, b)
		readBack(t, db, tg, "id", b)
		if err := db.Check(t.Context(), nil); err != nil {
			t.Errorf("%v", err)
		}
	})
}

// A role without rights whose session_replication_role a superuser has set is told, since it can do nothing about it.
func TestTriggersSwitchedOff(t *testing.T) {
	s := pgtest.Shared(t, 0)
	address := s.NewDatabase(t, "replica")
	name, _ := postgres.DatabaseOf(address)
	s.Psql(t, address, fmt.Sprintf("create role role_%s login password 'pw'; alter role role_%[1]s set session_replication_role = replica", name))
	t.Cleanup(func() { s.Psql(t, "postgres", "drop role role_"+name) })
	db := open(t, "postgres://role_"+name+":pw@"+address[strings.Index(address, "@")+1:], postgres.Options{})
	wants(t, db.Check(t.Context(), nil), "session_replication_role is replica", "a superuser must reset it")
}

// What the URL says itself is heard: in options, and by name.
func TestSettingsOfTheURL(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		address := s.NewDatabase(t, "options")
		s.Psql(t, address, "create schema app; create table app.t (id int)")
		for more, want := range map[string]string{
			"&options=-csearch_path%3Dapp%20-c%20statement_timeout%3D54321": "54321ms|app|ISO, YMD",
			"&options=--search-path%3Dapp&statement_timeout=5s":             "5s|app|ISO, YMD",
			"&options=-c%20datestyle%3DGerman&DateStyle=SQL":                "0|public|ISO, YMD",
		} {
			db := open(t, address+more, postgres.Options{})
			n, err := db.QueryInt(t.Context(), "select (current_setting('statement_timeout') || '|"+inspect(t, db).Defaults+"|' || current_setting('datestyle') = '"+want+"')::int", nil)
			if err != nil || n != 1 {
				t.Errorf("%s: not %s, %v", more, want, err)
			}
		}
	})
}

// A pooler that refuses start-up parameters gets none, and the session its settings all the same.
func TestPooler(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		address := s.NewDatabase(t, "pooler")
		name, _ := postgres.DatabaseOf(address)
		s.Psql(t, "postgres", "alter database "+name+" set datestyle = 'German'; alter database "+name+" set statement_timeout = '1s'")
		for _, code := range []string{"08P01", "0A000"} {
			var refused atomic.Int32
			through := relay(t, address, func(client, server net.Conn) {
				backend := pgproto3.NewBackend(client, client)
				first, err := backend.ReceiveStartupMessage()
				if err != nil {
					return
				}
				start, ok := first.(*pgproto3.StartupMessage)
				if !ok {
					return
				}
				for key := range start.Parameters {
					if !slices.Contains([]string{"user", "database", "client_encoding", "application_name", "datestyle", "timezone", "standard_conforming_strings"}, key) {
						refused.Add(1)
						backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: "unsupported startup parameter: " + key})
						_ = backend.Flush()
						return
					}
				}
				packet, err := start.Encode(nil)
				if err == nil {
					_, err = server.Write(packet)
				}
				if err == nil {
					pipe(client, server)
				}
			})
			db := open(t, through, postgres.Options{})
			n, err := db.QueryInt(t.Context(), "select (current_setting('datestyle') = 'ISO, YMD' and current_setting('statement_timeout') = '0')::int", nil)
			if err != nil || n != 1 {
				t.Errorf("settings: %d, %v", n, err)
			}
			one := inspect(t, db)
			if one.Name == "" {
				t.Error("no name")
			}
			if n := refused.Load(); n != 1 {
				t.Errorf("%d connections were refused, want only the first", n)
			}
		}
	})
}

// relay passes connections to the server of an address on, by serve, and gives the address that leads there.
func relay(t *testing.T, address string, serve func(client, server net.Conn)) string {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	target := at.Host
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("tcp", target)
				if err != nil {
					return
				}
				defer server.Close()
				serve(client, server)
			}()
		}
	}()
	at.Host = l.Addr().String()
	return at.String()
}

// pipe copies both ways until one end closes.
func pipe(a, b net.Conn) {
	done := make(chan bool, 2)
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			done <- true
		}()
	}
	<-done
}
