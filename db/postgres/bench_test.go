package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
)

const content = `create table content (id int primary key, title varchar(255) not null, content_type varchar(50) not null, content_data text not null, item_metadata jsonb,
  creator_id uuid not null, created_at timestamp not null, updated_at timestamp not null, tags jsonb, quality_score double precision, is_private boolean not null)`

// contentRows are rows as the genonaut scenario has them: about 100 tags each, twice.
func contentRows(first int64, n int) []*column.Vec {
	r := rand.New(rand.NewPCG(1, uint64(first)))
	kinds := []column.Kind{kindInt, kindText, kindText, kindText, kindJSON, kindUUID, kindTimestamp, kindTimestamp, kindJSON, kindFloat, kindBool}
	vecs := make([]*column.Vec, len(kinds))
	for i, k := range kinds {
		vecs[i] = vec(k)
	}
	for i := range int64(n) {
		var tags strings.Builder
		for k, tag := range r.Perm(220)[:r.IntN(201)] {
			if k > 0 {
				tags.WriteString(", ")
			}
			fmt.Fprintf(&tags, `"tag number %d"`, tag)
		}
		prompt := strings.Repeat("a quiet harbour at dawn, ", 1+r.IntN(20))
		at := 1_746_072_000_000_000 + r.Int64N(12_000_000)*1_000_000
		vecs[0].AppendInt(first + i)
		vecs[1].AppendString(prompt[:20])
		vecs[2].AppendString("image")
		vecs[3].AppendString(fmt.Sprintf("io/storage/images/%016x.png", r.Uint64()))
		vecs[4].AppendString(`{"tags": [` + tags.String() + `], "style": "anime", "prompt": "` + prompt + `", "resolution": "512x768"}`)
		vecs[5].AppendUUID([16]byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())})
		vecs[6].AppendInt(at)
		vecs[7].AppendInt(at)
		vecs[8].AppendString("[" + tags.String() + "]")
		vecs[9].AppendFloat(float64(r.IntN(101)) / 100)
		vecs[10].AppendBool(r.IntN(10) == 0)
	}
	return vecs
}

// BenchmarkLoad copies content rows into a table with a primary key only, 2,000 rows a batch.
func BenchmarkLoad(b *testing.B) {
	s := pgtest.Shared(b, 0)
	for _, jsonAs := range []string{"jsonb", "text"} {
		b.Run(jsonAs, func(b *testing.B) {
			db, _ := fresh(b, s, strings.ReplaceAll(content, "jsonb", jsonAs))
			tg := target(b, inspect(b, db), "content")
			tg.Kinds[4], tg.Kinds[8] = kindJSON, kindJSON
			l, err := db.Loader(b.Context(), tg)
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			const n = 2000
			vecs := contentRows(0, n)
			first := int64(0)
			rows := batch(0, tg, vecs...)
			b.SetBytes(rows.Bytes())
			for b.Loop() {
				vecs[0].Reset(kindInt)
				for i := range int64(n) {
					vecs[0].AppendInt(first + i)
				}
				rows.First = first
				first += n
				if err := l.Write(b.Context(), rows); err != nil {
					b.Fatal(err)
				}
				if _, err := l.Commit(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkVerify reads rows back and asks the rules' predicates.
func BenchmarkVerify(b *testing.B) {
	s := pgtest.Shared(b, 0)
	db, _ := fresh(b, s, content)
	tg := target(b, inspect(b, db), "content")
	const n = 20_000
	for first := int64(0); first < n; first += 2000 {
		load(b, db, tg, batch(first, tg, contentRows(first, 2000)...))
	}
	if err := db.Finish(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	b.Run("read", func(b *testing.B) {
		dst := new(column.Batch)
		keys := numbers(0, 2000)
		for b.Loop() {
			if _, err := db.ReadRows(b.Context(), tg, "id", keys, dst); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(dst.Bytes())
		b.ReportMetric(float64(b.N)*2000/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("standing", func(b *testing.B) {
		keys := numbers(0, n)
		for b.Loop() {
			if _, err := db.Standing(b.Context(), tg.Table, "id", keys); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "keys/s")
	})
	d := db.Dialect()
	var pool []string
	for i := range 220 {
		pool = append(pool, fmt.Sprint("tag number ", i))
	}
	for name, rule := range map[string]string{
		"length": d.JSONLength("tags") + " between 0 and 200", "distinct": d.JSONDistinct("tags"), "within": d.JSONWithin("tags", pool),
		"within by hash": "not exists (select from jsonb_array_elements_text(tags) e where e <> all (array[" + quoteAll(db, pool) + "]))",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if c, err := db.QueryInt(b.Context(), "select count(*) from content where not ("+rule+")", nil); err != nil || c != 0 {
					b.Fatal(c, err)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func quoteAll(db *postgres.DB, texts []string) string {
	q := make([]string, len(texts))
	for i, x := range texts {
		q[i] = db.Dialect().Text(x)
	}
	return strings.Join(q, ", ")
}
