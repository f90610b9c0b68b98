package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// wants checks an error's words.
func wants(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error lacks %q: %v", w, err)
		}
	}
}

func serverCode(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

func count(t *testing.T, db *postgres.DB, tg *sink.Target, want int64) {
	t.Helper()
	n, err := db.CountRows(t.Context(), tg.Table)
	if err != nil || n != want {
		t.Errorf("%s has %d rows (%v), want %d", tg.Name, n, err, want)
	}
}

var hostileNames = []string{
	`select`, `User`, `a b`, `a"b`, `"`, `'`, `''; drop table x; --`, `a.b`, `$1`, `%s`, `\`, `é ü`, `表`, `😀`, "tab\there", "line\nbreak",
	strings.Repeat("n", 63), strings.Repeat("é", 31) + "x", `(`, `1`, ` `, `null`,
}

func TestHostileNames(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "")
		quote := db.Dialect().Ident
		var ddl strings.Builder
		for i, n := range hostileNames {
			other := hostileNames[(i+1)%len(hostileNames)]
			schema := shorter(n) + "s"
			fmt.Fprintf(&ddl, "create schema %s; create table %s (%s serial primary key, %s text);\n", quote(schema), quote(schema, n), quote(n), quote(other))
		}
		if err := db.CreateSchema(t.Context(), ddl.String()); err != nil {
			t.Fatal(err)
		}
		d := inspect(t, db)
		for i, n := range hostileNames {
			other := hostileNames[(i+1)%len(hostileNames)]
			tg := target(t, d, shorter(n)+"s."+n)
			if tg.Columns[0] != n || tg.Columns[1] != other {
				t.Errorf("columns %q", tg.Columns)
			}
			first, err := db.Reserve(t.Context(), tg.Table, n, 3)
			if err != nil || first != 1 {
				t.Errorf("%s: reserved %d, %v", n, first, err)
			}
			b := batch(0, tg, numbers(1, 4), vec(kindText, n, nil, other))
			load(t, db, tg, b)
			same(t, tg, b, readAll(t, url, tg))
			readBack(t, db, tg, n, b)
			if got, err := db.Standing(t.Context(), tg.Table, other, vec(kindText, n, "-", other)); err != nil || len(got) != 2 {
				t.Errorf("%s: standing %v, %v", n, got, err)
			}
			if err := db.Finish(t.Context(), []*sink.Target{tg}); err != nil {
				t.Error(err)
			}
			count(t, db, tg, 3)
		}
	})
}

// shorter leaves room for one byte more.
func shorter(n string) string {
	if len(n) == 63 {
		return n[:60]
	}
	return n
}

func TestWriteErrors(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `
create table parent (id int primary key);
create table t (id int primary key, x text unique, p int references parent, g int generated always as (id * 2) stored, c varchar(3), d int unique deferrable initially deferred);
create table dropping (id int);
create function skip() returns trigger language plpgsql as 'begin if new.id = 5 then return null; end if; return new; end';
create trigger skip before insert on dropping for each row execute function skip();
create table raising (id int);
create function fail() returns trigger language plpgsql as 'begin if new.id = 5 then raise exception ''five is forbidden''; end if; return new; end';
create trigger fail before insert on raising for each row execute function fail();
create table gone (id int);`)
		d := inspect(t, db)
		all := target(t, d, "t", "id", "x", "p", "c", "d")
		ids := numbers(0, 10)
		nulls := vec(kindInt)
		texts := vec(kindText)
		for range 10 {
			nulls.AppendNull()
			texts.AppendNull()
		}
		rows := func(x *column.Vec, p *column.Vec, c *column.Vec, d *column.Vec) *column.Batch {
			return batch(100, all, ids, x, p, c, d)
		}

		err := tryLoad(t, db, all, rows(vec(kindText, "a", "b", "c", "d", "e", "f", "g", "b", "h", "i"), nulls, texts, nulls))
		wants(t, err, "copy public.t rows 100-109: row 107", "t_x_key", "(x)=(b)", "23505")
		if !errors.Is(err, sink.ErrUnique) || serverCode(err) != "23505" {
			t.Errorf("no ErrUnique: %v", err)
		}
		err = tryLoad(t, db, all, rows(texts, nulls, texts, vec(kindInt, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9)))
		wants(t, err, "commit 10 rows of public.t", "(d)=(9)")
		if !errors.Is(err, sink.ErrUnique) {
			t.Errorf("no ErrUnique of a deferred constraint: %v", err)
		}
		err = tryLoad(t, db, all, rows(texts, vec(kindInt, nil, nil, nil, nil, 77, nil, nil, nil, nil, nil), texts, nulls))
		wants(t, err, "copy public.t rows 100-109", "t_p_fkey", "(p)=(77)", "load the parent table before")
		if errors.Is(err, sink.ErrUnique) {
			t.Error("a foreign key is no unique violation")
		}
		err = tryLoad(t, db, all, rows(texts, nulls, vec(kindText, "a", "b", "c", "long", "e", "f", "g", "b", "h", "i"), nulls))
		wants(t, err, "row 103", "character varying(3)")
		err = tryLoad(t, db, all, rows(vec(kindText, "a", "b", "c", "d", "e", "f", "g", "h\x00i", "j", "k"), nulls, texts, nulls))
		wants(t, err, "copy public.t rows 100-109", "public.t.x row 107", "NUL")
		err = tryLoad(t, db, all, rows(vec(kindText, "a", "b", "c", "d", "e", "f", "g", "h\xff", "j", "k"), nulls, texts, nulls))
		wants(t, err, "row 107", "UTF8")
		count(t, db, all, 0)

		dropping := target(t, d, "dropping")
		wants(t, tryLoad(t, db, dropping, batch(0, dropping, ids)), "copy public.dropping rows 0-9", "9 of 10 rows", "trigger")
		count(t, db, dropping, 0)
		raising := target(t, d, "raising")
		wants(t, tryLoad(t, db, raising, batch(0, raising, ids)), "copy public.raising rows 0-9: row 5", "five is forbidden")

		for _, c := range []struct {
			tg   *sink.Target
			want string
		}{
			{&sink.Target{Table: all.Table, Name: "t", Columns: []string{"nope"}, Kinds: []column.Kind{kindInt}}, `no column "nope"`},
			{&sink.Target{Table: all.Table, Name: "t", Columns: []string{"g"}, Kinds: []column.Kind{kindInt}}, "generated by the database"},
			{&sink.Target{Table: all.Table, Name: "t", Columns: []string{"id"}, Kinds: []column.Kind{kindUUID}}, "do not go into"},
			{&sink.Target{Table: all.Table, Name: "t", Columns: []string{"id"}}, "1 columns with 0 kinds"},
			{&sink.Target{Name: "t"}, "no table"},
		} {
			_, err := db.Loader(t.Context(), c.tg)
			wants(t, err, "load ", c.want)
		}

		// A failed loader can only be closed, and a batch must be the target's.
		l, err := db.Loader(t.Context(), dropping)
		if err != nil {
			t.Fatal(err)
		}
		wants(t, l.Write(t.Context(), batch(0, dropping, vec(kindText, "a"))), "public.dropping row 0", "kind text")
		wants(t, l.Write(t.Context(), batch(0, dropping, ids)), "failed before")
		_, err = l.Commit(t.Context())
		wants(t, err, "failed before")
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		wants(t, l.Write(t.Context(), batch(0, dropping, ids)), "closed")

		gone := target(t, d, "gone")
		s.Psql(t, url, "drop table gone")
		wants(t, tryLoad(t, db, gone, batch(0, gone, ids)), "copy public.gone rows 0-9", "does not exist")
		wants(t, db.Finish(t.Context(), []*sink.Target{gone}), "analyze", "gone")
		_, err = db.CountRows(t.Context(), gone.Table)
		wants(t, err, "public.gone")

		db.UseRun(3)
		wants(t, tryLoad(t, db, target(t, d, "parent"), batch(0, target(t, d, "parent"), ids)), "ledger", "SaveRun")
		db.UseRun(0)
	})
}

func TestNoPermission(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `create table t (id serial primary key); create table u (id int); insert into t values (1);`)
		role := "weak_" + inspect(t, db).Name
		s.Psql(t, url, `create role "`+role+`" login password 'pw'; grant select on t to "`+role+`"; grant usage on sequence t_id_seq to "`+role+`"`)
		t.Cleanup(func() { s.Psql(t, url, `drop owned by "`+role+`"; drop role "`+role+`"`) })
		weakURL := "postgres://" + role + ":pw@" + url[strings.Index(url, "@")+1:]
		weak := open(t, weakURL, postgres.Options{})
		d := inspect(t, weak)
		tg, u := target(t, d, "t"), target(t, d, "u")
		if tg.Table.CanInsert {
			t.Error("CanInsert without the right")
		}
		if !inspect(t, db).Table("t").CanInsert {
			t.Error("the owner cannot insert")
		}
		err := tryLoad(t, weak, tg, batch(0, tg, numbers(5, 8)))
		wants(t, err, "copy public.t rows 0-2", "permission denied", `grant insert on "public"."t" to "`+role+`"`)
		if serverCode(err) != "42501" || errors.Is(err, sink.ErrReadOnly) {
			t.Errorf("%v", err)
		}
		err = weak.SaveRun(t.Context(), newRun())
		wants(t, err, "record the run", `grant create on database "`+d.Name+`" to "`+role+`"`, `create schema sower authorization "`+role+`"`)
		if serverCode(err) != "42501" {
			t.Errorf("%v", err)
		}
		if runs, err := weak.Runs(t.Context()); err != nil || len(runs) != 0 {
			t.Errorf("%d runs, %v", len(runs), err)
		}
		if err := db.SaveRun(t.Context(), newRun()); err != nil {
			t.Fatal(err)
		}
		_, err = weak.Runs(t.Context())
		wants(t, err, "grant all on schema sower to")
		_, err = weak.CountRows(t.Context(), u.Table)
		wants(t, err, "count the rows of public.u", "permission denied")
		// It may draw from the sequence, and not move it.
		if first, err := weak.Reserve(t.Context(), tg.Table, "id", 10); err != nil || first != 2 {
			t.Errorf("reserved %d, %v; want 2", first, err)
		}
		if first, err := weak.Reserve(t.Context(), tg.Table, "id", 10); err != nil || first != 12 {
			t.Errorf("reserved %d, %v; want 12", first, err)
		}
		// The statistics of tables that it does not own stay; the flush needs no right.
		if err := weak.Finish(t.Context(), []*sink.Target{tg}); err != nil {
			t.Error(err)
		}
		s.Psql(t, url, `revoke usage on sequence t_id_seq from "`+role+`"`)
		_, err = weak.Reserve(t.Context(), tg.Table, "id", 10)
		wants(t, err, "reserve 10 values of public.t.id", "grant usage on sequence")

		// A schema made for it is enough.
		s.Psql(t, url, `drop schema sower cascade; create schema sower authorization "`+role+`"; grant insert on t to "`+role+`"`)
		r := newRun()
		if err := weak.SaveRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		weak.UseRun(r.Number)
		load(t, weak, tg, batch(0, tg, numbers(5, 8)))
		if ranges, err := weak.Ledger(t.Context(), r.Number, "t"); err != nil || len(ranges) != 1 {
			t.Errorf("ledger %v, %v", ranges, err)
		}
	})
}

// A loader's commits are on disk after Finish, also for a role that owns nothing.
func TestFinishFlushes(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "create table t (id int)")
		role := "weak_" + inspect(t, db).Name
		s.Psql(t, url, `create role "`+role+`" login password 'pw'; grant insert, select on t to "`+role+`"`)
		t.Cleanup(func() { s.Psql(t, url, `drop owned by "`+role+`"; drop role "`+role+`"`) })
		weak := open(t, "postgres://"+role+":pw@"+url[strings.Index(url, "@")+1:], postgres.Options{})
		for _, db := range []*postgres.DB{db, weak} {
			tg := target(t, inspect(t, db), "t")
			load(t, db, tg, batch(0, tg, numbers(0, 100_000)))
			at := s.Psql(t, url, "select pg_current_wal_insert_lsn()")
			if err := db.Finish(t.Context(), []*sink.Target{tg, tg}); err != nil {
				t.Fatal(err)
			}
			if s.Psql(t, url, "select pg_current_wal_flush_lsn() >= '"+at+"'") != "t" {
				t.Error("the log is not flushed")
			}
		}
		if n := s.Psql(t, url, "select reltuples from pg_class where relname = 't'"); n != "100000" {
			t.Errorf("statistics say %s rows", n)
		}
	})
}

// Loaders do not get into one another's way, and the ledger has all their batches.
func TestConcurrentLoaders(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, _ := fresh(t, s, "create table t (id int primary key, x text)")
		r := newRun()
		if err := db.SaveRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		db.UseRun(r.Number)
		tg := target(t, inspect(t, db), "t")
		var wg sync.WaitGroup
		for w := range int64(8) {
			wg.Go(func() {
				l, err := db.Loader(t.Context(), tg)
				if err != nil {
					t.Error(err)
					return
				}
				defer l.Close()
				for i := range int64(20) {
					first := w*20_000 + i*1000
					x := vec(kindText)
					for range 1000 {
						x.AppendString(strings.Repeat("x\\\n", int(i)))
					}
					if err := l.Write(t.Context(), batch(first, tg, numbers(first, first+1000), x)); err != nil {
						t.Error(err)
						return
					}
					if i%7 == 6 || i == 19 {
						if _, err := l.Commit(t.Context()); err != nil {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		count(t, db, tg, 160_000)
		ranges, err := db.Ledger(t.Context(), r.Number, "t")
		if err != nil || len(ranges) != 160 {
			t.Errorf("%d ranges, %v", len(ranges), err)
		}
	})
}
