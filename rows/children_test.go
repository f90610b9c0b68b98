package rows_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// family is a blueprint of three levels: rows that lie in their parents' order and rows that are scattered, sums over
// sums, children that read their parent's sums, places among siblings, and families that are empty or large.
const family = `
sower: 1
name: shop
tables:
  customers:
    rows: 150
    columns:
      id: sequence
      spent: {aggregate: {of: orders, sum: total}}
      orders: {aggregate: orders}
      last_order: {aggregate: {of: orders, max: placed_at}}
      worst: {aggregate: {of: orders, min: worst}}
      paid: {aggregate: {of: orders, count: paid_at, where: total > 100}}
  orders:
    rows: 600
    columns:
      id: sequence
      customer_id: {reference: {table: customers, per_parent: {min: 0, max: 200}}}
      number: {ordinal: {prefix: "O-", width: 3}}
      placed_at: {timestamp: {from: "2025-01-01", to: "2025-12-31"}}
      paid_at: {offset: {from: placed_at, min: 1h, max: 2d}, nulls: 0.3}
      total: {aggregate: {of: order_lines, sum: quantity * price}}
      lines: {aggregate: {of: order_lines, where: not gift}}
      mean: {aggregate: {of: order_lines, avg: price, scale: 3, where: not gift, empty: 0}}
      worst: {aggregate: {of: order_lines, min: price}}
      first_no: {aggregate: {of: order_lines, first: no, where: gift}}
      last_no: {aggregate: {of: order_lines, last: no}}
      dear: {aggregate: {of: order_lines, any: price > 90}}
      cheap: {aggregate: {of: order_lines, all: price < 90}}
      part_of_customer: {expression: {expr: total / customer_id.spent, type: float}}
  order_lines:
    unique: [[order_id, no]]
    parts:
      order: {each: {table: orders, min: 0, max: 9, distribution: geometric}}
    columns:
      order_id: {cell: order.id}
      no: ordinal
      quantity: {integer: {min: 1, max: 5}}
      price: {decimal: {min: 1, max: 99.99}}
      gift: {boolean: 0.2}
      of_order: {expression: {expr: quantity * price / order.total, type: float}}
      packed_at: {timestamp: {from: "2025-01-01", to: "2026-12-31", rising: order, within: 20d}, not_before: [order.placed_at]}
      packed_on: {date: {from: "2025-01-01", to: "2026-12-31", rising: order}}
  quarters:
    rows: 4
    columns:
      id: sequence
      begins: {expression: 'plus(plus(trunc(day, "year"), 3 * (id - 1), "month"), 0, "minute")'}
      ends: {expression: 'plus(plus(begins, 3, "month"), -1, "second")'}
      day: {timestamp: {from: "2025-05-05", to: "2025-05-05"}, virtual: true}
      visits: {aggregate: visits}
  visits:
    parts:
      quarter: {each: {table: quarters, rows: 1001, shares: [1, 0, 2, 5]}}
    columns:
      no: ordinal
      quarter_id: {cell: quarter.id}
      at:
        timestamp: {from: "2025-01-01", to: "2026-01-01", precision: 0, rising: quarter, not_after: [quarter.ends], shape: {usual: people, growth: 3}}
        not_before: [quarter.begins]
  reviews:
    parts:
      order: {each: {table: orders, rows: 700}}
      none: {rows: 20}
    columns:
      order_id: {part: {order: {cell: order.id}, none: {constant: null}}}
      no: {part: {order: ordinal, none: {constant: 0}}}
  likes:
    rows: 900
    unique: [[order_id, customer_id]]
    columns:
      order_id: {reference: {table: orders, per_parent: {min: 0, max: 30}}}
      customer_id: {reference: {table: customers, differs_for: order_id}}
  notes:
    rows: 400
    columns:
      id: sequence
      order_id: {reference: {table: orders, per_parent: {min: 0, max: 30}}}
      parent_id: {reference: notes, nulls: 0.3}
      written_at: {timestamp: {from: "2025-01-01", to: "2025-12-31"}, not_before: [parent_id.written_at, order_id.placed_at]}
`

// The three laws of rows that are known from their parents: any batches, workers and order, and any row alone.
func TestChildrenAnyBatches(t *testing.T) {
	p := load(t, family)
	want := digests(t, p, 4096, 1)
	for _, n := range []int64{1, 7, 100} {
		for _, makers := range []int{1, 8} {
			for name, d := range digests(t, p, n, makers) {
				if d != want[name] {
					t.Errorf("%s in batches of %d by %d makers has digest %s, in batches of 4096 %s", name, n, makers, d, want[name])
				}
			}
		}
	}
	var all, one rows.Maker
	for _, tb := range p.Tables {
		b, err := all.Batch(tb, tb.Out, 0, int(tb.Rows))
		if err != nil {
			t.Fatal(err)
		}
		list := []int64{tb.Rows - 1, 0, tb.Rows / 2, tb.Rows / 2}
		if tb.Rows > 54 {
			list = append(list, 51, 52, 53, 54, 50)
		}
		some, err := one.Rows(tb, tb.Out, list)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range list {
			for j, v := range b.Vecs {
				if !v.Equal(int(row), some.Vecs[j], i) {
					t.Errorf("%s.%s row %d alone is %q, among all %q", tb.Name, b.Names[j], row, some.Vecs[j].String(i), v.String(int(row)))
				}
			}
		}
	}
}

// Rows are shared out exactly, and rise within their parents' times.
func TestSharedOut(t *testing.T) {
	p := load(t, family)
	quarters := p.Table("quarters")
	var m rows.Maker
	b, err := m.Batch(quarters, quarters.Out, 0, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"125", "0", "250", "626"} {
		if got := b.Vecs[slices.Index(b.Names, "visits")].String(i); got != want {
			t.Errorf("quarter %d has %s visits, want %s", i, got, want)
		}
	}
	visits := p.Table("visits")
	if b, err = m.Batch(visits, visits.Out, 0, int(visits.Rows)); err != nil {
		t.Fatal(err)
	}
	last := ""
	for i := range b.N {
		at, quarter := b.Vecs[slices.Index(b.Names, "at")].String(i), b.Vecs[slices.Index(b.Names, "quarter_id")].String(i)
		if at < last {
			t.Fatalf("visit %d is at %s, before the one before it, at %s", i, at, last)
		}
		if last = at; at[:10] < "2025" || at[5:7] < map[string]string{"1": "01", "3": "07", "4": "10"}[quarter] || at[5:7] > map[string]string{"1": "03", "3": "09", "4": "12"}[quarter] {
			t.Fatalf("visit %d of quarter %s is at %s", i, quarter, at)
		}
	}
}

// Moments rise with the ordinal, rows of one parent refer to different ones, and a row comes after the one that it refers
// to in its own table.
func TestAmongSiblings(t *testing.T) {
	p := load(t, family)
	table := func(name string) []map[string]string {
		i := slices.IndexFunc(p.Tables, func(tb *plan.Table) bool { return tb.Name == name })
		return texts(t, p.Tables[i])
	}
	var before map[string]string
	rose := 0
	for i, line := range table("order_lines") {
		if i > 0 && before["order_id"] == line["order_id"] {
			if rose++; line["packed_at"] < before["packed_at"] || line["packed_on"] < before["packed_on"] {
				t.Errorf("line %d of order %s is packed at %s (%s), the one before at %s (%s)", i, line["order_id"], line["packed_at"], line["packed_on"], before["packed_at"], before["packed_on"])
			}
		}
		before = line
	}
	seen := map[string]bool{}
	for _, like := range table("likes") {
		pair := like["order_id"] + " " + like["customer_id"]
		if seen[pair] {
			t.Errorf("the pair %s comes twice", pair)
		}
		seen[pair] = true
	}
	notes, later := table("notes"), 0
	at := map[string]string{}
	for _, n := range notes {
		at[n["id"]] = n["written_at"]
		if up := n["parent_id"]; up != "" {
			if later++; n["written_at"] < at[up] {
				t.Errorf("note %s is written at %s, and what it answers at %s", n["id"], n["written_at"], at[up])
			}
		}
	}
	if rose < 100 || later < 100 || len(seen) < 800 {
		t.Errorf("%d lines, %d answers and %d likes are too few to tell", rose, later, len(seen))
	}
}

// texts gives a table's cells as texts, "" for null: row by row, by column.
func texts(t testing.TB, tb *plan.Table) (out []map[string]string) {
	t.Helper()
	var m rows.Maker
	b, err := m.Batch(tb, tb.Out, 0, int(tb.Rows))
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.N {
		row := map[string]string{}
		for j, v := range b.Vecs {
			if !v.Null(i) {
				row[b.Names[j]] = v.String(i)
			}
		}
		out = append(out, row)
	}
	return out
}

func number(t testing.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is no number", s)
	}
	return r
}

// What is summed up is what the rows hold: computed again from the finished rows, in exact fractions.
func TestAggregates(t *testing.T) {
	p := load(t, family)
	lines := map[string][]map[string]string{} // order -> lines
	for i, l := range texts(t, p.Table("order_lines")) {
		l["row"] = number(t, "0").SetInt64(int64(i)).RatString()
		lines[l["order_id"]] = append(lines[l["order_id"]], l)
	}
	orders := map[string][]map[string]string{}
	empty, scattered := 0, false
	last := ""
	for _, o := range texts(t, p.Table("orders")) {
		scattered = scattered || last > o["customer_id"]
		last = o["customer_id"]
		orders[o["customer_id"]] = append(orders[o["customer_id"]], o)
		total, sum, n := new(big.Rat), new(big.Rat), int64(0)
		worst, first, dear, cheap := "", "", "false", "true"
		for k, l := range lines[o["id"]] {
			if want := new(big.Rat).SetInt64(int64(k + 1)).RatString(); l["no"] != want {
				t.Fatalf("line %d of order %s has no %s", k, o["id"], l["no"])
			}
			price := number(t, l["price"])
			total.Add(total, new(big.Rat).Mul(price, number(t, l["quantity"])))
			if worst == "" || price.Cmp(number(t, worst)) < 0 {
				worst = l["price"]
			}
			if price.Cmp(number(t, "90")) > 0 {
				dear = "true"
			}
			if price.Cmp(number(t, "90")) >= 0 {
				cheap = "false"
			}
			if l["gift"] == "true" {
				if first == "" {
					first = l["no"]
				}
				continue
			}
			n++
			sum.Add(sum, price)
		}
		mean := "0.000"
		if n > 0 {
			mean = new(big.Rat).Quo(sum, new(big.Rat).SetInt64(n)).FloatString(3)
		}
		lastNo := ""
		if k := len(lines[o["id"]]); k > 0 {
			lastNo = lines[o["id"]][k-1]["no"]
		} else {
			empty++
		}
		for _, x := range [][3]string{
			{"total", o["total"], total.FloatString(2)}, {"mean", o["mean"], mean}, {"worst", o["worst"], worst},
			{"first_no", o["first_no"], first}, {"last_no", o["last_no"], lastNo}, {"dear", o["dear"], dear}, {"cheap", o["cheap"], cheap},
			{"lines", o["lines"], new(big.Rat).SetInt64(n).RatString()},
		} {
			if x[1] != x[2] {
				t.Errorf("order %s: %s is %q, its lines say %q", o["id"], x[0], x[1], x[2])
			}
		}
	}
	if empty == 0 || !scattered {
		t.Errorf("%d orders have no lines, scattered: %v: the test looks at neither", empty, scattered)
	}
	for _, c := range texts(t, p.Table("customers")) {
		spent, paid := new(big.Rat), int64(0)
		latest, numbers := "", map[string]bool{}
		for _, o := range orders[c["id"]] {
			spent.Add(spent, number(t, o["total"]))
			latest = max(latest, o["placed_at"])
			numbers[o["number"]] = true
			if o["paid_at"] != "" && number(t, o["total"]).Cmp(number(t, "100")) > 0 {
				paid++
			}
		}
		if c["spent"] != spent.FloatString(2) || c["last_order"] != latest || c["paid"] != new(big.Rat).SetInt64(paid).RatString() {
			t.Errorf("customer %v: spent %s, last order %s, paid %d", c, spent.FloatString(2), latest, paid)
		}
		if len(numbers) != len(orders[c["id"]]) {
			t.Errorf("customer %s has %d orders and the numbers %v", c["id"], len(orders[c["id"]]), numbers)
		}
	}
}

// What cannot be asked of rows is said with the cells' names, or with the line that makes it possible.
func TestChildrenProblems(t *testing.T) {
	for _, test := range []struct{ name, tables, want string }{
		{"a plain pick", `
  a: {rows: 10, columns: {id: sequence, n: {aggregate: b}}}
  b: {rows: 30, columns: {a_id: {reference: a}}}`, "write a_id: {reference: {table: a, per_parent: {max: 9}}}"},
		{"nothing refers", `
  a: {rows: 10, columns: {id: sequence, n: {aggregate: b}}}
  b: {rows: 30, columns: {id: sequence}}`, "nothing in it refers to a"},
		{"a circle", `
  a: {rows: 10, columns: {id: sequence, sum: {aggregate: {of: b, sum: x}}}}
  b: {parts: {a: {each: {table: a, max: 3}}}, columns: {x: {expression: y + 1}, y: {expression: a.sum * 2}}}`, "a.sum: depends on itself: sum -> b.x -> b.y -> sum"},
		{"a circle through an expression", `
  a: {rows: 10, columns: {id: sequence, sum: {aggregate: {of: b, sum: x * 2}}}}
  b: {parts: {a: {each: {table: a, max: 3}}}, columns: {x: {cell: a.sum}}}`, "depends on itself"},
		{"too many rows", `
  a: {rows: 10, columns: {id: sequence}}
  b: {parts: {a: {each: {table: a, min: 1, max: 3, rows: 31}}}, columns: {id: sequence}}`, "31 rows over 10 rows of a with 1 to 3 each is impossible: between 10 and 30 rows fit"},
		{"two ways", `
  a: {rows: 10, columns: {id: sequence, n: {aggregate: b}}}
  b: {rows: 30, columns: {x: {reference: {table: a, per_parent: {max: 9}}}, y: {reference: {table: a, per_parent: {max: 9}}}}}`, "name one of x, y"},
		{"an unknown table", `
  a: {rows: 10, columns: {id: sequence, n: {aggregate: bs}}}
  b: {rows: 30, columns: {x: {reference: {table: a, per_parent: {max: 9}}}}}`, `has no table "bs"`},
		{"an unknown cell", `
  a: {rows: 10, columns: {id: sequence, n: {aggregate: {of: b, sum: pice * 2}}}}
  b: {rows: 30, columns: {price: {integer: {max: 5}}, x: {reference: {table: a, per_parent: {max: 9}}}}}`, `did you mean "price"?`},
		{"no number", `
  a: {rows: 10, columns: {id: sequence, n: {aggregate: {of: b, sum: t}}}}
  b: {rows: 30, columns: {t: {pick: [x, y]}, x: {reference: {table: a, per_parent: {max: 9}}}}}`, "sum wants a number"},
		{"an ordinal without parents", `
  a: {rows: 10, columns: {id: sequence, n: ordinal}}`, "rows of a are not counted by their parents"},
		{"an ordinal of a plain pick", `
  a: {rows: 10, columns: {id: sequence}}
  b: {rows: 30, columns: {a_id: {reference: a}, n: ordinal}}`, "per_parent: {max: 9}"},
		{"inside another generator", `
  a: {rows: 10, columns: {id: sequence, n: {array: {of: {aggregate: b}, max: 3}}}}
  b: {rows: 30, columns: {x: {reference: {table: a, per_parent: {max: 9}}}}}`, "cannot stand inside another generator"},
		{"too wide a distribution", `
  a: {rows: 10, columns: {id: sequence}}
  b: {parts: {a: {each: {table: a, max: 100, distribution: zipf}}}, columns: {id: sequence}}`, "at most 64"},
	} {
		doc, err := blueprint.Open(mapFS("sower: 1\nname: x\ntables:"+test.tables+"\n"), "b.yaml")
		if err != nil {
			t.Fatal(err)
		}
		b, err := doc.Resolve(nil, plan.Generators())
		if err == nil {
			_, err = plan.Build(b, nil, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v\nwant %s", test.name, err, test.want)
		}
	}
}

// A distribution is kept exactly, and a total beside it too.
func TestEachDistribution(t *testing.T) {
	for _, test := range []struct {
		each  string
		total int64
		has   []int64 // parents by their number of rows
	}{
		{"{table: a, min: 1, max: 4, distribution: uniform}", 2500, []int64{0, 250, 250, 250, 250}},
		{"{table: a, min: 0, max: 2, distribution: geometric}", 572, []int64{571, 286, 143}},
		{"{table: a, min: 0, max: 3, rows: 700, distribution: zipf}", 700, nil},
		{"{table: a, min: 2, max: 2}", 2000, []int64{0, 0, 1000}},
		{"{table: a, mean: 2.5}", 2500, nil},
		{"{table: a, min: 1, max: 6, mean: 2.345, distribution: uniform}", 2345, nil},
		{"{table: a, min: 1, max: 6, rows: 6000, distribution: geometric}", 6000, []int64{0, 0, 0, 0, 0, 0, 1000}},
	} {
		p := load(t, "sower: 1\nname: x\ntables:\n  a: {rows: 1000, columns: {id: sequence, n: {aggregate: b}}}\n"+
			"  b: {parts: {a: {each: "+test.each+"}}, columns: {id: sequence}}\n")
		if got := p.Table("b").Rows; got != test.total {
			t.Errorf("%s: %d rows, want %d", test.each, got, test.total)
		}
		has := map[string]int64{}
		for _, row := range texts(t, p.Table("a")) {
			has[row["n"]]++
		}
		for n, want := range test.has {
			if got := has[new(big.Rat).SetInt64(int64(n)).RatString()]; got != want {
				t.Errorf("%s: %d parents have %d rows, want %d", test.each, got, n, want)
			}
		}
	}
}

// Rows that are summed up cannot grow beside the rows that hold the sums, nor can an exact number come again.
func TestChildrenGrow(t *testing.T) {
	exact, open := load(t, family), load(t, strings.Replace(family, "rows: 700", "max: 3", 1))
	for _, test := range []struct {
		plan *plan.Plan
		more blueprint.Counts
		want string
	}{
		{open, blueprint.Counts{"orders": {"": 10}, "customers": {"": 0}}, "rows of customers hold what is summed up over orders"},
		{exact, blueprint.Counts{"orders": {"": 10}, "customers": {"": 5}}, "reviews has exactly 700 rows for those of orders"},
		{open, blueprint.Counts{"orders": {"": 10}, "customers": {"": 5}}, ""},
		{exact, blueprint.Counts{"customers": {"": 5}}, ""},
	} {
		err := test.plan.CanGrow(test.more)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.more, err, test.want)
		}
	}
}
