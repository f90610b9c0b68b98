package sqlite

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// vec makes a Vec of texts in canonical form; "<null>" is null.
func vec(t testing.TB, k column.Kind, scale int32, cells ...string) *column.Vec {
	t.Helper()
	v := new(column.Vec)
	v.Reset(k)
	v.Scale = scale
	for _, c := range cells {
		if c == "<null>" {
			v.AppendNull()
		} else if err := gen.ParseCell(v, c); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// targetFor makes a target of some columns of an inspected table.
func targetFor(t testing.TB, db *DB, table string, columns ...string) *sink.Target {
	t.Helper()
	s, err := db.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	target := &sink.Target{Table: s.Table(table), Name: table, Columns: columns}
	for _, c := range columns {
		target.Kinds = append(target.Kinds, target.Table.Column(c).Type.Kind)
	}
	return target
}

// load writes one batch from row first on, in one transaction.
func load(t testing.TB, db *DB, target *sink.Target, first int64, vecs ...*column.Vec) error {
	t.Helper()
	l, err := db.Loader(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := &column.Batch{First: first, N: vecs[0].Len(), Names: target.Columns, Vecs: vecs}
	if err := l.Write(t.Context(), b); err != nil {
		return err
	}
	n, err := l.Commit(t.Context())
	if err == nil && n != int64(b.N) {
		t.Errorf("Commit says %d rows, want %d", n, b.N)
	}
	return err
}

// Errors name the table, the row, the column and the value.
func TestLoadErrors(t *testing.T) {
	db := create(t, `
		create table users (id integer primary key, email text unique not null, age int constraint grown check (age > 17), a int, b text, unique (a, b));
		create table posts (id integer primary key, user_id int not null references users, parent_id int references posts);`)
	users := targetFor(t, db, "users", "id", "email", "age", "a", "b")
	good := func() []*column.Vec {
		return []*column.Vec{vec(t, column.Int, 0, "1", "2", "3"), vec(t, column.Text, 0, "a@x", "b@x", "c@x"), vec(t, column.Int, 0, "20", "<null>", "30"),
			vec(t, column.Int, 0, "1", "1", "1"), vec(t, column.Text, 0, "x", "y", "<null>")}
	}
	if err := load(t, db, users, 0, good()...); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		column int
		vec    *column.Vec
		unique bool
		parts  []string
	}{
		{1, vec(t, column.Text, 0, "d@x", "b@x", "e@x"), true, []string{"row 101", "email = b@x", "users.email"}},
		{1, vec(t, column.Text, 0, "d@x", "e@x", "d@x"), true, []string{"row 102", "email = d@x"}},
		{1, vec(t, column.Text, 0, "<null>", "e@x", "f@x"), false, []string{"row 100", "email = null", "NOT NULL"}},
		{2, vec(t, column.Int, 0, "20", "20", "17"), false, []string{"row 102", "CHECK", "grown"}},
		{0, vec(t, column.Int, 0, "4", "2", "6"), true, []string{"row 101", "id = 2"}},
		{4, vec(t, column.Text, 0, "z", "zz", "x"), true, []string{"row 102", "a = 1", "b = x"}},
		{0, vec(t, column.Float, 0, "4.5", "2", "6"), false, []string{"row", "datatype mismatch"}},
	} {
		vecs := good()
		vecs[0], vecs[1] = vec(t, column.Int, 0, "4", "5", "6"), vec(t, column.Text, 0, "g@x", "h@x", "i@x")
		vecs[4] = vec(t, column.Text, 0, "z", "zz", "zzz")
		vecs[c.column] = c.vec
		err := load(t, db, users, 100, vecs...)
		wantError(t, err, append(c.parts, "load users rows 100-102")...)
		if errors.Is(err, sink.ErrUnique) != c.unique {
			t.Errorf("ErrUnique: %v", err)
		}
		var e *sqlite3.Error
		if !errors.As(err, &e) {
			t.Errorf("the driver's error is out of reach: %v", err)
		}
	}
	if n := scalar(t, db, "select count(*) from users"); n != "3" {
		t.Errorf("%s rows, want 3", n)
	}

	posts := targetFor(t, db, "posts", "id", "user_id", "parent_id")
	// Rows may refer to rows that come later in the transaction.
	if err := load(t, db, posts, 0, vec(t, column.Int, 0, "1", "2"), vec(t, column.Int, 0, "1", "3"), vec(t, column.Int, 0, "2", "<null>")); err != nil {
		t.Error(err)
	}
	err := load(t, db, posts, 2, vec(t, column.Int, 0, "3"), vec(t, column.Int, 0, "77"), vec(t, column.Int, 0, "2"))
	wantError(t, err, "load posts rows 2-2", "FOREIGN KEY", "user_id -> users", "parent_id -> posts")
	if n := scalar(t, db, "select count(*) from posts"); n != "2" {
		t.Errorf("%s rows, want 2", n)
	}

	for target, part := range map[*sink.Target]string{
		{Name: "users", Table: users.Table, Columns: []string{"id", "nobody"}}:      "no column nobody",
		{Name: "none", Table: &schema.Table{Name: "none"}, Columns: []string{"id"}}: "no table none",
	} {
		_, err := db.Loader(t.Context(), target)
		wantError(t, err, part, target.Name, db.path)
	}
	l, err := db.Loader(t.Context(), users)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wantError(t, l.Write(t.Context(), &column.Batch{First: 7, N: 1, Names: []string{"id"}, Vecs: []*column.Vec{vec(t, column.Int, 0, "9")}}), "users", "columns")
	if _, err := l.Commit(t.Context()); err == nil {
		t.Error("Commit after a failed Write")
	}
}

// A cancelled context stops a statement that runs, and nothing of its transaction stays. Readers go on
// all the while.
func TestCancelledWhileInserting(t *testing.T) {
	db := create(t, contentDDL)
	target, batch := contentRows(0, 20_000)
	reading, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for reading.Err() == nil {
			if n, err := db.CountRows(t.Context(), target.Table); err != nil || n != 0 {
				t.Errorf("a reader sees %d rows, %v", n, err)
				return
			}
		}
	})
	for wait := time.Millisecond; wait < 20*time.Millisecond; wait += 2 * time.Millisecond {
		l, err := db.Loader(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		_, err = l.Commit(ctx)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", wait, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	wg.Wait()
	if err := load(t, db, target, 0, batch.Vecs...); err != nil {
		t.Error(err)
	}
}

// A table's own triggers and CHECKs with REGEXP work as in the application.
func TestTriggersAndRegexp(t *testing.T) {
	db := create(t, `
		create table t (id integer primary key, code text check (code regexp '^[A-Z]{2}[0-9]+$'));
		create table log (id int);
		create trigger tr after insert on t begin insert into log values (new.id); end;`)
	target := targetFor(t, db, "t", "id", "code")
	if err := load(t, db, target, 0, vec(t, column.Int, 0, "1", "2"), vec(t, column.Text, 0, "AB1", "CD22")); err != nil {
		t.Fatal(err)
	}
	if n := scalar(t, db, "select count(*) from log"); n != "2" {
		t.Errorf("the trigger left %s rows", n)
	}
	err := load(t, db, target, 2, vec(t, column.Int, 0, "3", "4"), vec(t, column.Text, 0, "AB1", "1A"))
	wantError(t, err, "CHECK")
}

// Every decimal that a column's type allows comes back as it was written; what would not is refused.
func TestDecimals(t *testing.T) {
	db := create(t, `create table t (id integer primary key, n numeric(15, 4), r real, x text, big numeric(18, 2), whole numeric(18))`)
	random := rand.New(rand.NewPCG(1, 2))
	const rows = 5000
	vecs := []*column.Vec{vec(t, column.Int, 0)}
	for _, scale := range []int32{4, 4, 4, 2, 0} {
		vecs = append(vecs, vec(t, column.Decimal, scale))
	}
	for i := range int64(rows) {
		x := random.Int64N(int64(math.Pow10(1 + random.IntN(15))))
		if i%2 == 0 {
			x = -x
		}
		vecs[0].AppendInt(i)
		vecs[1].AppendInt(x)
		vecs[2].AppendInt(x)
		vecs[3].AppendInt(x * 997)
		vecs[4].AppendInt(x / 100 * 100 * 89) // beyond 15 digits only whole numbers
		vecs[5].AppendInt(x * 911)
	}
	vecs[4].Ints[7] = 999_999_999_999_999_900
	vecs[4].Ints[8] = -1<<53 + 1 // 17 digits, and exact all the same
	target := targetFor(t, db, "t", "id", "n", "r", "x", "big", "whole")
	for k := 1; k < 6; k++ {
		target.Kinds[k] = column.Decimal
	}
	if err := load(t, db, target, 0, vecs...); err != nil {
		t.Fatal(err)
	}
	dst := new(column.Batch)
	for k := range vecs {
		dst.Vecs = append(dst.Vecs, &column.Vec{Scale: vecs[k].Scale})
	}
	if found, err := db.ReadRows(t.Context(), target, "id", vecs[0], dst); err != nil || len(found) != rows || dst.N != rows {
		t.Fatalf("%d rows, %v", dst.N, err)
	}
	for k, v := range vecs {
		for i := range rows {
			if !v.Equal(i, dst.Vecs[k], i) {
				t.Fatalf("%s row %d: %s, want %s", target.Columns[k], i, dst.Vecs[k].String(i), v.String(i))
			}
		}
	}
	// As keys, too.
	for k := 1; k < 4; k++ {
		standing, err := db.Standing(t.Context(), target.Table, target.Columns[k], vecs[k])
		if err != nil || len(standing) != rows {
			t.Errorf("%d values of %s stand, want all of %d: %v", len(standing), target.Columns[k], rows, err)
		}
	}
	vecs = []*column.Vec{vec(t, column.Int, 0, "-2", "-1"), vec(t, column.Decimal, 2, "1.00", "1234567890123456.78")}
	target = targetFor(t, db, "t", "id", "big")
	wantError(t, load(t, db, target, 10, vecs...), "load t rows 10-11", "column big, row 11", "1234567890123456.78")
}

// What SQLite would store as something else is refused, with its place.
func TestRefused(t *testing.T) {
	db := create(t, `create table t (f real, s string, j json, d int generated always as (1))`)
	for _, c := range []struct {
		column string
		vec    *column.Vec
		part   string
	}{
		{"f", vec(t, column.Float, 0, "1", "NaN"), "NaN"},
		{"s", vec(t, column.Text, 0, "a", "0123"), `"0123"`},
		{"s", vec(t, column.Text, 0, "a", " 5"), `" 5"`},
		{"s", vec(t, column.Text, 0, "a", "1.0"), `"1.0"`},
		{"s", vec(t, column.Text, 0, "a", "+1"), `"+1"`},
		{"s", vec(t, column.Text, 0, "a", "9223372036854775808"), "declare it as text"},
		{"j", vec(t, column.JSON, 0, "1", "1.50"), `"1.50"`},
	} {
		wantError(t, load(t, db, targetFor(t, db, "t", c.column), 5, c.vec), "column "+c.column+", row 6", c.part)
	}
	texts := []string{"", "a", "1a", "1.2.3", "--1", "1e", ".", "-", "0x10", "123", "-5", "0", "2024-01-01", "12:30", "1 2", "é", "NaN", "inf"}
	target := targetFor(t, db, "t", "s")
	if err := load(t, db, target, 0, vec(t, column.Text, 0, texts...)); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if got := scalar(t, db, "select cast(s as text) from t limit 1 offset ?1", i); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
	}
	_, err := db.Loader(t.Context(), targetFor(t, db, "t", "d"))
	wantError(t, err, "column d is generated")
}

// changes agrees with SQLite about every text that could be a number.
func TestChanges(t *testing.T) {
	db := create(t, `create table t (n numeric, r real)`)
	letters := []byte("0123456789+-.eE \tx")
	random := rand.New(rand.NewPCG(3, 4))
	tx, err := db.reads.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for range 20_000 {
		s := make([]byte, 1+random.IntN(7))
		for i := range s {
			s[i] = letters[random.IntN(len(letters))]
		}
		var n, r any
		if _, err := tx.Exec("delete from t; insert into t values (?1, ?1)", string(s)); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow("select cast(n as text), cast(r as text) from t").Scan(&n, &r); err != nil {
			t.Fatal(err)
		}
		for aff, got := range map[affinity]any{affNumeric: n, affReal: r} {
			if got != string(s) && !changes(s, aff) {
				t.Errorf("%q comes back as %q (affinity %d), and changes does not say so", s, got, aff)
			}
		}
	}
}

func TestCreateSchemaTransactions(t *testing.T) {
	db := create(t, `create table "commit" (a unique on conflict rollback);
		create trigger tr before insert on "commit" begin select raise(rollback, 'no'); end`)
	for _, ddl := range []string{"begin; create table t (a); commit;", "create table t (a); -- x\nCOMMIT", "vacuum", "create table t (a); rollback"} {
		wantError(t, db.CreateSchema(t.Context(), ddl), "one transaction")
	}
	if n := scalar(t, db, "select count(*) from sqlite_schema where name = 't'"); n != "0" {
		t.Error("the table stands")
	}
}

func TestFinishAnalyzes(t *testing.T) {
	db := create(t, "create table t (id integer primary key, a int); create index i on t (a)")
	target := targetFor(t, db, "t", "id", "a")
	if err := load(t, db, target, 0, vec(t, column.Int, 0, "1", "2", "3"), vec(t, column.Int, 0, "1", "1", "2")); err != nil {
		t.Fatal(err)
	}
	if err := db.Finish(t.Context(), []*sink.Target{target}); err != nil {
		t.Fatal(err)
	}
	s, err := db.Inspect(t.Context())
	if err != nil || s.Table("t").Rows != 3 {
		t.Errorf("%d rows by the statistics, %v", s.Table("t").Rows, err)
	}
	wantError(t, db.Finish(t.Context(), []*sink.Target{{Name: "gone", Table: &schema.Table{Name: "gone"}}}), "gone")
}

func TestParseTimestamp(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 10_000 {
		us := random.Int64N(315_537_897_599_999_999) - 62_135_596_800_000_000
		if random.IntN(2) == 0 {
			us -= us % 1_000_000
		}
		text := string(column.AppendTimestamp(nil, us))
		for _, s := range []string{text, strings.Replace(text, " ", "T", 1), text + "Z"} {
			if got, ok := parseTimestamp(s); !ok || got != us {
				t.Fatalf("%q: %d, %t; want %d", s, got, ok, us)
			}
		}
	}
	for _, s := range []string{"", "2024", "2024-13-01", "2024-02-30", "2024-02-29 24:00:00", "2024-02-29 10:00", "2024-02-29 10:00:00.", "2024-02-29 10:00:00.1234567", "2024-02-29x10:00:00", "2O24-02-29", "2024-02-29 10:00:00+02:00"} {
		if us, ok := parseTimestamp(s); ok {
			t.Errorf("%q was read as %d", s, us)
		}
	}
}

// Keys of kinds that the conformance suite has no unique columns of.
func TestKeysOfEveryKind(t *testing.T) {
	db := create(t, `create table t (a_bytes blob, a_date date, a_time time, a_timestamp timestamp, a_float real, a_bool boolean, a_name text collate nocase)`)
	target := targetFor(t, db, "t", "a_bytes", "a_date", "a_time", "a_timestamp", "a_float", "a_bool", "a_name")
	vecs := []*column.Vec{
		vec(t, column.Bytes, 0, `\x`, `\x00ff`), vec(t, column.Date, 0, "1969-12-31", "2024-02-29"), vec(t, column.Time, 0, "00:00:00", "23:59:59.999999"),
		vec(t, column.Timestamp, 0, "1969-12-31 23:59:59.5", "2024-02-29 00:00:00"), vec(t, column.Float, 0, "0.1", "-1e+300"), vec(t, column.Bool, 0, "true", "true"), vec(t, column.Text, 0, "Ann", "bOB"),
	}
	if err := load(t, db, target, 0, vecs...); err != nil {
		t.Fatal(err)
	}
	for k, v := range vecs {
		keys := *v
		if keys.Kind == column.Text {
			keys = *vec(t, column.Text, 0, "aNN", "Bob") // the column's collation takes them as the same
		}
		got, err := db.Standing(t.Context(), target.Table, target.Columns[k], &keys)
		if err != nil || len(got) != 2 {
			t.Errorf("%s: %v stand, %v", target.Columns[k], got, err)
		}
		n, err := db.QueryInt(t.Context(), "select count(*) from t where "+Dialect{}.InKeys(quoteIdent(target.Columns[k])), &keys)
		if err != nil || n != 2 {
			t.Errorf("%s: InKeys finds %d, %v", target.Columns[k], n, err)
		}
	}
}

func TestReserveWithoutSequence(t *testing.T) {
	db := create(t, "create table t (id integer primary key, n int); insert into t values (-5, 9223372036854775807)")
	target := targetFor(t, db, "t", "id", "n")
	for i, want := range []int64{1, 11, 21} {
		if got, err := db.Reserve(t.Context(), target.Table, "id", 10); got != want || err != nil {
			t.Errorf("%d: %d, %v; want %d", i, got, err, want)
		}
	}
	if got, err := db.Reserve(t.Context(), target.Table, "id", 0); got != 31 || err != nil {
		t.Errorf("none: %d, %v", got, err)
	}
	_, err := db.Reserve(t.Context(), target.Table, "n", 1)
	wantError(t, err, "t.n", "no room", strconv.FormatInt(math.MaxInt64, 10))
	_, err = db.Reserve(t.Context(), target.Table, "gone", 1)
	wantError(t, err, "t.gone")
}

// The application's own inserts go on behind the reserved block.
func TestReserveMovesAutoincrement(t *testing.T) {
	db := create(t, "create table t (id integer primary key autoincrement, n int)")
	target := targetFor(t, db, "t", "id", "n")
	for range 2 {
		if _, err := db.Reserve(t.Context(), target.Table, "id", 50); err != nil {
			t.Fatal(err)
		}
	}
	sqlExec(t, db, "insert into t (n) values (1)")
	if id := scalar(t, db, "select id from t"); id != "101" {
		t.Errorf("the next key is %s, want 101", id)
	}
}
