package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

func TestReserve(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `
create table fresh_one (id serial primary key);
create table started (id int generated always as identity (start with 1000));
create table filled (id bigserial primary key); insert into filled select nextval('filled_id_seq') from generate_series(1, 10); insert into filled values (500);
create table bare (id int primary key); insert into bare values (41);
create table negative (id int primary key); insert into negative values (-5);
create table small (id smallserial); select setval('small_id_seq', 32700);
create table capped (id int); create sequence capped_seq maxvalue 50; alter table capped alter id set default nextval('capped_seq');
create table narrow (id smallint); create sequence narrow_seq; alter table narrow alter id set default nextval('narrow_seq'); insert into narrow values (32766);
create table nearly (id int); insert into nearly values (2147483640);
create table by_two (id int); create sequence by_two_seq increment by 2; alter table by_two alter id set default nextval('by_two_seq');
create table down (id int); create sequence down_seq increment by -1; alter table down alter id set default nextval('down_seq');
create table blocks (id bigint); create sequence blocks_seq increment by 50 start 1; alter table blocks alter id set default nextval('blocks_seq'); select setval('blocks_seq', 1001);
create table falling (id int); create sequence falling_seq increment by -1 minvalue 1 maxvalue 100 start 100; alter table falling alter id set default nextval('falling_seq');
create table least (id smallint); create sequence least_seq as smallint increment by -1; alter table least alter id set default nextval('least_seq'); select setval('least_seq', -32765);
create table ring (id int); create sequence ring_seq maxvalue 3 cycle; alter table ring alter id set default nextval('ring_seq'); select nextval('ring_seq');
create table amounts (n numeric); create sequence amounts_seq; alter table amounts alter n set default nextval('amounts_seq'); insert into amounts values (20);
create sequence both_seq; create table both_a (id int default nextval('both_seq')); create table both_b (n bigint default nextval('both_seq'), x text); insert into both_b values (7000);
create table words (id text, n numeric default nextval('both_seq'));
create table "Odd ""Table" (id serial);
create table at_end (id bigserial); select setval('at_end_id_seq', 9223372036854775807);
create table unused (id serial); select setval('unused_id_seq', 77, false);`)
		d := inspect(t, db)
		reserve := func(table, col string, n, want int64) {
			t.Helper()
			if got, err := db.Reserve(t.Context(), d.Table(table), col, n); err != nil || got != want {
				t.Errorf("%s: reserved %d, %v; want %d", table, got, err, want)
			}
		}
		next := func(sequence string, want int64) {
			t.Helper()
			if got := s.Psql(t, url, "select nextval('"+sequence+"')"); got != fmt.Sprint(want) {
				t.Errorf("the next of %s is %s, want %d", sequence, got, want)
			}
		}
		reserve("fresh_one", "id", 5, 1)
		next("fresh_one_id_seq", 6)
		reserve("fresh_one", "id", 1, 7)
		reserve("fresh_one", "id", 0, 8)
		next("fresh_one_id_seq", 8)
		reserve("started", "id", 10, 1000)
		next("started_id_seq", 1010)
		reserve("filled", "id", 10, 501)
		next("filled_id_seq", 511)
		reserve("bare", "id", 3, 42)
		reserve("bare", "id", 3, 42)
		reserve("negative", "id", 3, 1)
		reserve("both_a", "id", 3, 7001)
		reserve("both_b", "n", 3, 7004)
		reserve(`Odd "Table`, "id", 3, 1)
		reserve("unused", "id", 2, 77)
		next("unused_id_seq", 79)
		reserve("small", "id", 67, 32701)
		reserve("capped", "id", 50, 1)
		// What goes by more than one ends on a value of its own, behind all that are reserved.
		reserve("by_two", "id", 1, 1)
		next("by_two_seq", 3)
		reserve("by_two", "id", 4, 5)
		next("by_two_seq", 11)
		reserve("blocks", "id", 120, 1051)
		next("blocks_seq", 1251)
		fails := func(table, col string, n int64, words ...string) {
			t.Helper()
			_, err := db.Reserve(t.Context(), d.Table(table), col, n)
			wants(t, err, append(words, fmt.Sprintf("reserve %d values of public.%s.%s", n, table, col))...)
		}
		// What goes down gives the values below.
		reserve("down", "id", 5, -5)
		next("down_seq", -6)
		s.Psql(t, url, "insert into down values (-100)")
		reserve("down", "id", 1, -101)
		reserve("falling", "id", 10, 91)
		next("falling_seq", 90)
		fails("falling", "id", 90, "falling_seq ends at 1", "only 89 values are left")
		reserve("falling", "id", 89, 1)
		reserve("least", "id", 3, -32768)
		fails("least", "id", 1, "least_seq ends at -32768", "only 0")
		reserve("ring", "id", 2, 2)
		fails("ring", "id", 2, "ring_seq ends at 3", "only 0")
		reserve("amounts", "n", 3, 21)
		next("amounts_seq", 24)

		fails("small", "id", 1, "small_id_seq ends at 32767", "only 0 values are left")
		fails("capped", "id", 1, "capped_seq ends at 50", "only 0")
		fails("narrow", "id", 2, "smallint ends at 32767", "only 1 values are left")
		fails("nearly", "id", 100, "integer ends at 2147483647", "only 7")
		fails("at_end", "id", 1, "only 0")
		fails("words", "id", 1, "text", "only integers")
		fails("bare", "nope", 1, "no such column")
		fails("bare", "id", -1, "negative")
		s.Psql(t, url, "drop sequence both_seq cascade")
		fails("both_a", "id", 1, "both_seq")
	})
}

// Nobody else's nextval ever gives a reserved value, and no two reservations meet, whoever may lock.
func TestReserveUnderLoad(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "create table t (id serial)")
		role := "weak_" + inspect(t, db).Name
		s.Psql(t, url, `create role "`+role+`" login password 'pw'; grant select on t to "`+role+`"; grant usage on sequence t_id_seq to "`+role+`"`)
		t.Cleanup(func() { s.Psql(t, url, `drop owned by "`+role+`"; drop role "`+role+`"`) })
		weakURL := "postgres://" + role + ":pw@" + url[strings.Index(url, "@")+1:]
		table := inspect(t, db).Table("t")

		var mu sync.Mutex
		taken := map[int64]string{}
		take := func(who string, first, n int64) {
			mu.Lock()
			defer mu.Unlock()
			for x := first; x < first+n; x++ {
				if old := taken[x]; old != "" {
					t.Errorf("%d went to %s and to %s", x, old, who)
				}
				taken[x] = who
			}
		}
		var stop atomic.Bool
		var others, reservers sync.WaitGroup
		for w := range 2 {
			drawer := open(t, url, postgres.Options{})
			others.Go(func() {
				for !stop.Load() {
					x, err := drawer.QueryInt(t.Context(), "select (select count(*) from pg_class where false)", nil)
					if err != nil || x != 0 {
						t.Error(err)
						return
					}
					out := s.Psql(t, url, "select nextval('t_id_seq') from generate_series(1, 50)")
					for line := range strings.SplitSeq(out, "\n") {
						var x int64
						if _, err := fmt.Sscan(line, &x); err != nil {
							t.Error(err)
						}
						take(fmt.Sprint("drawer ", w), x, 1)
					}
				}
			})
		}
		for who, u := range map[string]string{"owner": url, "second owner": url, "weak": weakURL} {
			r := open(t, u, postgres.Options{})
			reservers.Go(func() {
				for i := range int64(15) {
					n := 100 + i*37
					first, err := r.Reserve(t.Context(), table, "id", n)
					if err != nil {
						if who == "weak" && strings.Contains(err.Error(), "other sessions keep drawing") {
							continue
						}
						t.Error(who, err)
						return
					}
					take(who, first, n)
				}
			})
		}
		reservers.Wait()
		stop.Store(true)
		others.Wait()
	})
}

// A foreign transaction that has drawn a value holds the sequence; Reserve goes the other way.
func TestReserveBehindOpenTransaction(t *testing.T) {
	s := pgtest.Shared(t, 0)
	db, url := fresh(t, s, "create table t (id serial primary key); create table u (id int default nextval('t_id_seq'))")
	d := inspect(t, db)
	// A loader whose rows draw their ids is such a transaction.
	other := open(t, url, postgres.Options{})
	s.Psql(t, url, "alter table u add x int")
	tg := target(t, inspect(t, other), "u", "x")
	l, err := other.Loader(t.Context(), tg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Write(t.Context(), batch(0, tg, numbers(0, 10))); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Reserve(t.Context(), d.Table("t"), "id", 5); err != nil || got != 11 {
		t.Errorf("reserved %d, %v; want 11", got, err)
	}
	if _, err := l.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Reserve(t.Context(), d.Table("t"), "id", 5); err != nil || got != 16 {
		t.Errorf("reserved %d, %v; want 16", got, err)
	}
}

// The column's own equality decides what stands.
func TestStandingEquality(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, _ := fresh(t, s, `
create schema hidden; create extension citext schema hidden;
create table t (id int, c hidden.citext, f char(4), v varchar(3), n numeric, e text, d float8);
create domain hidden.nocase as hidden.citext; alter table t add dc hidden.nocase;
insert into t values (1, 'Amber@X.org', 'ab', 'abc', 1.50, 'E', 0.5, 'Ann');`)
		tab := inspect(t, db).Table("t")
		for _, c := range []struct {
			col    string
			values *column.Vec
			want   string
		}{
			{"c", vec(kindText, "amber@x.ORG", "amber", "Amber@X.org"), "[0 2]"},
			{"dc", vec(kindText, "ANN", "an"), "[0]"},
			{"f", vec(kindText, "ab", "ab  ", "abc"), "[0 1]"},
			{"v", vec(kindText, "abcd", "abc", "ABC"), "[1]"},
			{"n", decimals(1, 15, 16), "[0]"},
			{"n", vec(kindFloat, 1.5, 1.25), "[0]"},
			{"e", vec(kindText, "e", "E"), "[1]"},
			{"d", vec(kindFloat, 0.5, -0.5), "[0]"},
		} {
			got, err := db.Standing(t.Context(), tab, c.col, c.values)
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("%s: %v, %v; want %s", c.col, got, err, c.want)
			}
		}
		_, err := db.Standing(t.Context(), tab, "nope", vec(kindText, "x"))
		wants(t, err, "public.t.nope", "no such column")
		_, err = db.Standing(t.Context(), tab, "n", vec(kindUUID, [16]byte{}))
		wants(t, err, "public.t.n", "no cells of kind uuid")
	})
}

// A policy must not filter what is counted or looked for.
func TestRowSecurityIsNoFilter(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `create table t (id int primary key, who text); insert into t values (1, 'a'), (2, 'b');
alter table t enable row level security; create policy mine on t using (who = 'a');`)
		role := "weak_" + inspect(t, db).Name
		s.Psql(t, url, `create role "`+role+`" login password 'pw'; grant select, insert on t to "`+role+`"`)
		t.Cleanup(func() { s.Psql(t, url, `drop owned by "`+role+`"; drop role "`+role+`"`) })
		weak := open(t, "postgres://"+role+":pw@"+url[strings.Index(url, "@")+1:], postgres.Options{})
		tg := target(t, inspect(t, weak), "t")
		_, err := weak.CountRows(t.Context(), tg.Table)
		wants(t, err, "row-level security")
		_, err = weak.Standing(t.Context(), tg.Table, "id", numbers(0, 3))
		wants(t, err, "row-level security")
		err = tryLoad(t, weak, tg, batch(0, tg, numbers(7, 8), vec(kindText, "a")))
		wants(t, err, "copy public.t", "row-level security")
		count(t, db, tg, 2)
	})
}

func TestLockNamesHolder(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "")
		role := "weak_" + inspect(t, db).Name
		s.Psql(t, url, `create role "`+role+`" login password 'pw'`)
		t.Cleanup(func() { s.Psql(t, url, `drop role "`+role+`"`) })
		unlock, err := db.Lock(t.Context(), "run 7 of genonaut")
		if err != nil {
			t.Fatal(err)
		}
		// A role that sees little of other sessions is told, too.
		weak := open(t, "postgres://"+role+":pw@"+url[strings.Index(url, "@")+1:], postgres.Options{})
		_, err = weak.Lock(t.Context(), "me")
		wants(t, err, "another run is using this database", "run 7 of genonaut", "process ")
		second := open(t, url, postgres.Options{})
		_, err = second.Lock(t.Context(), "me")
		wants(t, err, "run 7 of genonaut", "since 2")
		// Another database has a lock of its own.
		elsewhere, _ := fresh(t, s, "")
		free, err := elsewhere.Lock(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(free(), free(), unlock(), unlock()); err != nil {
			t.Error(err)
		}
		again, err := second.Lock(t.Context(), strings.Repeat("long ", 30))
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Lock(t.Context(), "me")
		wants(t, err, "long long")
		// It ends with its connection.
		if err := second.Close(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool {
			unlock, err := db.Lock(t.Context(), "me")
			if err != nil {
				return false
			}
			return unlock() == nil
		})
		if err := again(); err != nil {
			t.Error(err)
		}
	})
}

func TestRecordOfOthers(t *testing.T) {
	s := pgtest.Shared(t, 0)
	db, _ := fresh(t, s, "create schema sower; create table sower.run (x int); create table sower.ledger (y int)")
	_, err := db.Runs(t.Context())
	wants(t, err, "schema sower", "rename or drop")
	wants(t, db.SaveRun(t.Context(), newRun()), "schema sower", "rename or drop")
	_, err = db.Ledger(t.Context(), 1, "t")
	wants(t, err, "rename or drop")
}

// A plan of any bytes comes back, and the record needs no search path.
func TestRunBytes(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "")
		all := make([]byte, 1<<20)
		for i := range all {
			all[i] = byte(i)
		}
		r := newRun()
		r.Plan, r.Started = all, time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
		if err := db.SaveRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		runs, err := db.Runs(t.Context())
		if err != nil || len(runs) != 1 || string(runs[0].Plan) != string(all) || !runs[0].Started.Equal(r.Started) {
			t.Errorf("%d runs, %v", len(runs), err)
		}
		// The schema of the record does not become the place where this user's tables are made.
		if err := db.CreateSchema(t.Context(), "create table here (id int)"); err != nil {
			t.Fatal(err)
		}
		d := inspect(t, db)
		if d.Defaults != "public" || d.Table("here") == nil || s.Psql(t, url, "select count(*) from public.here") != "0" {
			t.Errorf("unqualified names mean %s", d.Defaults)
		}
	})
}

func TestCreateSchemaErrors(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "")
		for ddl, words := range map[string][]string{
			"create table a (id int);\n\ncreate table b (id wrong_type);":        {"line 3 of the script", "wrong_type", "42704"},
			"create table a (id int); commit; create table b (id int);":          {"ends its transaction itself"},
			"create table a (id int); rollback;":                                 {"ends its transaction itself"},
			"create table a (id int); copy a from stdin; create table b (x int)": {"COPY ... FROM stdin"},
			"-- é é é\ncreate table a (id int);\ncreate tabel b ()":              {"line 3"},
		} {
			err := db.CreateSchema(t.Context(), ddl)
			wants(t, err, append(words, "create the schema in postgres://")...)
			if strings.Contains(ddl, "commit") {
				s.Psql(t, url, "drop table a, b")
			}
			if n := len(inspect(t, db).Tables); n != 0 {
				t.Errorf("%q left %d tables", ddl, n)
			}
		}
		// What pg_dump writes: settings that would outlast the script, and functions with semicolons.
		if err := db.CreateSchema(t.Context(), `
select pg_catalog.set_config('search_path', '', false);
set check_function_bodies = false; set timezone = 'Asia/Tokyo'; set bytea_output = 'escape';
create function public.f() returns int language plpgsql as $$ begin return 1; end; $$;
create table public.a (id int, b bytea);
insert into public.a values (1, 'x');`); err != nil {
			t.Fatal(err)
		}
		d := inspect(t, db)
		if d.Defaults != "public" || d.Table("a") == nil {
			t.Errorf("unqualified names mean %q", d.Defaults)
		}
		readBack(t, db, target(t, d, "a"), "id", batch(0, target(t, d, "a"), vec(kindInt, 1), vec(kindBytes, "x")))
		if err := db.CreateSchema(t.Context(), ""); err != nil {
			t.Error(err)
		}
	})
}

func TestQueryInt(t *testing.T) {
	s := pgtest.Shared(t, 0)
	db, _ := fresh(t, s, `create table t (i int, u uuid, x text, m char(3), n numeric); insert into t values (5, '00000000-0000-0000-0000-000000000001', 'a"\,b', 'k', 1.5)`)
	d := db.Dialect()
	for _, c := range []struct {
		col  string
		keys *column.Vec
	}{
		{"i", vec(kindInt, 1, 5)},
		{"u", vec(kindUUID, [16]byte{15: 1})},
		{"x", vec(kindText, "b", `a"\,b`, "NULL", "")},
		{"m", vec(kindText, "k")},
		{"n", decimals(1, 15)},
		{"u::text", vec(kindUUID, [16]byte{15: 1})},
	} {
		if n, err := db.QueryInt(t.Context(), "select count(*) from public.t where "+d.InKeys(c.col), c.keys); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", c.col, n, err)
		}
	}
	for sql, want := range map[string]int64{"select null::int": 0, "select sum(n) * 2 from public.t": 3, "select 9223372036854775807": 9223372036854775807, "select count(*) > 5 from public.t": 0} {
		n, err := db.QueryInt(t.Context(), sql, nil)
		if sql == "select count(*) > 5 from public.t" {
			wants(t, err, "query select count(*)")
		} else if err != nil || n != want {
			t.Errorf("%s: %d, %v", sql, n, err)
		}
	}
	_, err := db.QueryInt(t.Context(), "select 1 where false", nil)
	wants(t, err, "no row")
	_, err = db.QueryInt(t.Context(), "insert into public.t default values returning 1", nil)
	if !errors.Is(err, sink.ErrReadOnly) {
		t.Errorf("a query wrote: %v", err)
	}
}
