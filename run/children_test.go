package run_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
)

const childrenTables = `
	create table buyers (id integer primary key, name varchar(40) not null, spent numeric(12,2) not null, orders integer not null, last_order timestamp);
	create table orders (id integer primary key, buyer_id integer not null references buyers, number varchar(10) not null, placed_at timestamp not null,
		total numeric(10,2) not null, lines smallint not null, mean numeric(8,3), large boolean not null, check (total >= 0), check (lines >= 0));
	create table order_lines (order_id integer not null references orders, no smallint not null, quantity smallint not null, price numeric(8,2) not null,
		line_total numeric(10,2) not null, primary key (order_id, no));`

const childrenBlueprint = `
  buyers:
    rows: 90
    columns:
      id: sequence
      name: {person: full_name}
      spent: {aggregate: {of: orders, sum: total}}
      orders: {aggregate: orders}
      last_order: {aggregate: {of: orders, max: placed_at}}
  orders:
    rows: 700
    columns:
      id: sequence
      buyer_id: {reference: {table: buyers, per_parent: {min: 0, max: 60}}}
      number: {ordinal: {prefix: "N", width: 4}}
      placed_at: {timestamp: {from: 2025-01-01, to: 2025-12-31, precision: 0}}
      total: {aggregate: {of: order_lines, sum: line_total}}
      lines: {aggregate: {of: order_lines, where: quantity > 2}}
      mean: {aggregate: {of: order_lines, avg: price}}
      large: {aggregate: {of: order_lines, any: quantity > 4}}
  order_lines:
    parts:
      order: {each: {table: orders, min: 0, max: 6, distribution: uniform}}
    columns:
      order_id: {cell: order.id}
      no: ordinal
      quantity: {integer: {min: 1, max: 5}}
      price: {decimal: {min: 1, max: 80}}
      line_total: {expression: quantity * price}
`

// Sums over children hold in the database, whose own answers are asked here in plain SQL; a composite key of parent and
// ordinal is proved, an interrupted batch size does not matter, and what is changed afterwards breaks a rule by name.
func TestChildren(t *testing.T) {
	b := blueprintOf(t, childrenBlueprint)
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, childrenTables)
		report := generate(t, s, b, 1, run.Options{Workers: 3, BatchRows: 37})
		if report.State != "complete" || report.Rows != 90+700+2100 {
			t.Fatalf("state %s, %d rows", report.State, report.Rows)
		}
		holds(t, s, b, run.Options{})
		for _, sql := range []string{
			"select count(*) from orders o where abs(o.total - coalesce((select sum(l.quantity * l.price) from order_lines l where l.order_id = o.id), 0)) > 0.001",
			"select count(*) from orders o where o.lines <> (select count(*) from order_lines l where l.order_id = o.id and l.quantity > 2)",
			"select count(*) from orders o where abs(o.mean - (select avg(l.price) from order_lines l where l.order_id = o.id)) > 0.0006",
			"select count(*) from orders o where (o.mean is null) <> not exists (select 1 from order_lines l where l.order_id = o.id)",
			"select count(*) from orders o where o.large <> exists (select 1 from order_lines l where l.order_id = o.id and l.quantity > 4)",
			"select count(*) from buyers b where abs(b.spent - coalesce((select sum(o.total) from orders o where o.buyer_id = b.id), 0)) > 0.001",
			"select count(*) from buyers b where b.orders <> (select count(*) from orders o where o.buyer_id = b.id)",
			"select count(*) from buyers b where b.last_order <> (select max(o.placed_at) from orders o where o.buyer_id = b.id)",
			"select count(*) from order_lines l where l.no > (select count(*) from order_lines k where k.order_id = l.order_id) or l.no < 1",
		} {
			want(t, s, 0, sql)
		}
		for _, c := range []struct{ sql, broken string }{
			{"update orders set total = total + 0.01 where id = (select min(id) from orders)", "buyers.spent is: sum of total over orders"},
			{"update orders set lines = lines + 1 where id = (select max(id) from orders)", "orders.lines is: number of rows of order_lines"},
			{"update order_lines set no = 9 where no = 1 and order_id = (select min(order_id) from order_lines)", "order_lines.no numbers the rows of each parent without gaps"},
			{"insert into order_lines select order_id, 10 + no, quantity, price, line_total from order_lines where order_id = (select max(order_id) from order_lines where no = 6)",
				"every row of orders has 0 to 6 rows of order_lines"},
		} {
			db.exec(t, s, c.sql)
			v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, f := range v.Rules {
				found = found || !f.OK && strings.HasPrefix(f.Text, c.broken)
			}
			if !found {
				t.Errorf("after %q nothing says that it is broken: %s", c.sql, c.broken)
			}
		}
	})
}
