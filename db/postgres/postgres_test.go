package postgres_test

import (
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/sinktest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// open opens a database until the test ends.
func open(t testing.TB, url string, o postgres.Options) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// fresh is a new database with the given schema.
func fresh(t testing.TB, s *pgtest.Server, ddl string) (db *postgres.DB, url string) {
	t.Helper()
	url = s.NewDatabase(t, "sower")
	if ddl != "" {
		s.Psql(t, url, ddl)
	}
	return open(t, url, postgres.Options{}), url
}

func inspect(t testing.TB, db *postgres.DB) *schema.Database {
	t.Helper()
	d, err := db.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// target is a table with some of its columns, or all.
func target(t testing.TB, d *schema.Database, table string, columns ...string) *sink.Target {
	t.Helper()
	tab := d.Table(table)
	if tab == nil {
		t.Fatalf("no table %s", table)
	}
	tg := &sink.Target{Table: tab, Name: table, Columns: columns}
	if columns == nil {
		for _, c := range tab.Columns {
			tg.Columns = append(tg.Columns, c.Name)
		}
	}
	for _, name := range tg.Columns {
		tg.Kinds = append(tg.Kinds, tab.Column(name).Type.Kind)
	}
	return tg
}

// vec makes a vector of cells: nil, bool, int, int64, float64, string or [16]byte.
func vec(k column.Kind, cells ...any) *column.Vec {
	v := new(column.Vec)
	v.Reset(k)
	for _, c := range cells {
		switch c := c.(type) {
		case nil:
			v.AppendNull()
		case bool:
			v.AppendBool(c)
		case int:
			v.AppendInt(int64(c))
		case int64:
			v.AppendInt(c)
		case float64:
			v.AppendFloat(c)
		case string:
			v.AppendString(c)
		case [16]byte:
			v.AppendUUID(c)
		default:
			panic(fmt.Sprintf("%T", c))
		}
	}
	return v
}

// numbers makes the cells from up to (excluding) to.
func numbers(from, to int64) *column.Vec {
	v := vec(column.Int)
	for x := from; x < to; x++ {
		v.AppendInt(x)
	}
	return v
}

func batch(first int64, t *sink.Target, vecs ...*column.Vec) *column.Batch {
	return &column.Batch{First: first, N: vecs[0].Len(), Names: t.Columns, Vecs: vecs}
}

// load writes batches in one transaction.
func load(t testing.TB, db *postgres.DB, tg *sink.Target, batches ...*column.Batch) {
	t.Helper()
	if err := tryLoad(t, db, tg, batches...); err != nil {
		t.Fatal(err)
	}
}

func tryLoad(t testing.TB, db *postgres.DB, tg *sink.Target, batches ...*column.Batch) error {
	t.Helper()
	l, err := db.Loader(t.Context(), tg)
	if err != nil {
		return err
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, b := range batches {
		if err := l.Write(t.Context(), b); err != nil {
			return err
		}
	}
	_, err = l.Commit(t.Context())
	return err
}

func TestExercise(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, format := range []string{"text", "binary"} {
			exercise(t, s, format)
		}
	})
}

func exercise(t *testing.T, s *pgtest.Server, format string) {
	urls := map[sink.Sink]string{}
	sinktest.Exercise(t, "postgres copy "+format, sinktest.Factory{
		Holds: func(c *schema.Column) bool { return format == "text" || c.Type.Kind != column.Literal },
		Open: func(t *testing.T, tables []*schema.Table) sink.Sink {
			url := s.NewDatabase(t, "sinktest")
			db, err := postgres.Open(t.Context(), url, postgres.Options{Copy: format})
			if err != nil {
				t.Fatal(err)
			}
			urls[db] = url
			if err := db.CreateSchema(t.Context(), ddlOf(db, tables)); err != nil {
				t.Fatal(err)
			}
			return db
		},
		Reopen: func(t *testing.T, old sink.Sink) sink.Sink {
			db, err := postgres.Open(t.Context(), urls[old], postgres.Options{ApplicationName: "second", Copy: format})
			if err != nil {
				t.Fatal(err)
			}
			return db
		},
		Read: func(t *testing.T, old sink.Sink, tg *sink.Target) *column.Batch { return readAll(t, urls[old], tg) },
	})
}

// readAll reads a table through pgx in the binary format, which shares nothing with the sink's own way.
func readAll(t *testing.T, url string, tg *sink.Target) *column.Batch {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url+"&client_encoding=UTF8")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	b := &column.Batch{Names: tg.Columns}
	var list []string
	into := make([]any, len(tg.Columns))
	formats := make(pgx.QueryResultFormats, len(tg.Columns))
	for i, name := range tg.Columns {
		c := tg.Table.Column(name)
		formats[i] = pgx.BinaryFormatCode
		v := vec(tg.Kinds[i])
		b.Vecs = append(b.Vecs, v)
		switch tg.Kinds[i] {
		case column.Bool:
			into[i] = new(*bool)
		case column.Int:
			into[i] = new(*int64)
		case column.Float:
			into[i] = new(*float64)
		case column.Decimal:
			v.Scale = int32(c.Type.Scale)
			into[i] = new(pgtype.Numeric)
		case column.Date, column.Timestamp:
			into[i] = new(*time.Time)
		case column.Time:
			into[i] = new(pgtype.Time)
		case column.UUID:
			into[i] = new(*[16]byte)
		case column.Bytes:
			into[i] = new([]byte)
		default:
			into[i] = new(*string)
			formats[i] = pgx.TextFormatCode
		}
		expr := pgx.Identifier{name}.Sanitize()
		if tg.Kinds[i] == column.JSON { // or pgx would take the JSON null for a null
			expr += "::text"
		}
		list = append(list, expr)
	}
	rows, err := conn.Query(t.Context(), "select "+strings.Join(list, ", ")+" from "+pgx.Identifier{tg.Table.Schema, tg.Table.Name}.Sanitize()+" order by 1", formats)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		b.N++
		for i, v := range b.Vecs {
			switch x := into[i].(type) {
			case **bool:
				add(v, *x, v.AppendBool)
			case **int64:
				add(v, *x, v.AppendInt)
			case **float64:
				add(v, *x, v.AppendFloat)
			case **string:
				add(v, *x, v.AppendString)
			case **[16]byte:
				add(v, *x, v.AppendUUID)
			case **time.Time:
				add(v, *x, func(at time.Time) {
					if v.Kind == column.Date {
						v.AppendInt((at.UnixMicro() - (at.UnixMicro()%day+day)%day) / day)
					} else {
						v.AppendInt(at.UnixMicro())
					}
				})
			case *pgtype.Time:
				if x.Valid {
					v.AppendInt(x.Microseconds)
				} else {
					v.AppendNull()
				}
			case *pgtype.Numeric:
				if x.Valid {
					n := new(big.Int).Mul(x.Int, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(x.Exp+v.Scale)), nil))
					v.AppendInt(n.Int64())
				} else {
					v.AppendNull()
				}
			case *[]byte:
				if *x == nil {
					v.AppendNull()
				} else {
					v.AppendBytes(*x)
				}
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b
}

const day = 24 * 3600 * 1_000_000

func add[T any](v *column.Vec, x *T, to func(T)) {
	if x == nil {
		v.AppendNull()
	} else {
		to(*x)
	}
}

// ddlOf makes tables as the conformance suite describes them.
func ddlOf(db *postgres.DB, tables []*schema.Table) string {
	d := db.Dialect()
	var b strings.Builder
	for _, t := range tables {
		var parts []string
		for _, c := range t.Columns {
			typ := c.Type.Name
			switch {
			case c.Type.Length > 0:
				typ += fmt.Sprintf("(%d)", c.Type.Length)
			case c.Type.Precision > 0:
				typ += fmt.Sprintf("(%d, %d)", c.Type.Precision, c.Type.Scale)
			}
			if c.Identity != "" {
				typ += " generated " + c.Identity + " as identity"
			}
			if c.NotNull {
				typ += " not null"
			}
			parts = append(parts, d.Ident(c.Name)+" "+typ)
		}
		quote := func(names []string) string {
			q := make([]string, len(names))
			for i, n := range names {
				q[i] = d.Ident(n)
			}
			return strings.Join(q, ", ")
		}
		if t.PrimaryKey != nil {
			parts = append(parts, "primary key ("+quote(t.PrimaryKey.Columns)+")")
		}
		for _, u := range t.Uniques {
			parts = append(parts, "unique ("+quote(u.Columns)+")")
		}
		fmt.Fprintf(&b, "create table %s (%s);\n", d.Ident(t.Name), strings.Join(parts, ", "))
	}
	return b.String()
}

const (
	kindBool      = column.Bool
	kindInt       = column.Int
	kindFloat     = column.Float
	kindDecimal   = column.Decimal
	kindDate      = column.Date
	kindTime      = column.Time
	kindTimestamp = column.Timestamp
	kindUUID      = column.UUID
	kindText      = column.Text
	kindJSON      = column.JSON
	kindBytes     = column.Bytes
	kindLiteral   = column.Literal
)

// same holds two batches against each other.
func same(t testing.TB, tg *sink.Target, want, got *column.Batch) {
	t.Helper()
	if want.N != got.N {
		t.Errorf("%s: %d rows, want %d", tg.Name, got.N, want.N)
		return
	}
	for c, name := range tg.Columns {
		w, g := want.Vecs[c], got.Vecs[c]
		if w.Kind != g.Kind || w.Scale != g.Scale || g.Len() != want.N {
			t.Errorf("%s.%s: %d cells of kind %s and scale %d, want %d of %s and %d", tg.Name, name, g.Len(), g.Kind, g.Scale, want.N, w.Kind, w.Scale)
			continue
		}
		for i := range want.N {
			if !w.Equal(i, g, i) {
				t.Errorf("%s.%s row %d: got %q, want %q", tg.Name, name, i, g.String(i), w.String(i))
			}
		}
	}
}

// readBack reads a batch by its key column, backwards, and holds it against what was written.
func readBack(t testing.TB, db *postgres.DB, tg *sink.Target, key string, want *column.Batch) {
	t.Helper()
	got := new(column.Batch)
	found, err := db.ReadRows(t.Context(), tg, key, want.Vecs[keyIndex(tg, key)], got)
	if err != nil {
		t.Error(err)
		return
	}
	for i, f := range found {
		if !f {
			t.Errorf("row %d was not found", i)
		}
	}
	same(t, tg, want, got)
}

func keyIndex(tg *sink.Target, key string) int {
	for i, c := range tg.Columns {
		if c == key {
			return i
		}
	}
	panic(key)
}

func newRun() *sink.Run {
	return &sink.Run{Blueprint: "test", State: sink.Running, Identity: "x", Plan: []byte("{}"), Version: "dev", Started: time.Now()}
}
