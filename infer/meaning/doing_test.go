package meaning

import (
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// tableOf makes a table of a test: each column is its name and further words. A type (int, text, time, bool), "null" where
// it may be null, "unique", a list of values as a|b, and -> parent for a reference.
func tableOf(name string, parents []*Table, columns ...string) *Table {
	t := &Table{Name: name, Owner: []string{one(name)}}
	if w := strings.Split(name, "_"); len(w) > 1 {
		t.Owner = append(w[:len(w)-1], one(w[len(w)-1]))
	}
	for _, text := range columns {
		words := strings.Fields(text)
		c := &Column{Column: &schema.Column{Name: words[0], NotNull: true}, Words: strings.Split(words[0], "_")}
		c.Type.Kind = column.Int
		for i, w := range words[1:] {
			switch {
			case w == "null":
				c.NotNull = false
			case w == "unique":
				c.Unique = true
			case w == "text":
				c.Type.Kind = column.Text
			case w == "time":
				c.Type.Kind = column.Timestamp
			case w == "bool":
				c.Type.Kind = column.Bool
			case strings.Contains(w, "|"):
				c.Type.Kind, c.Values = column.Text, strings.Split(w, "|")
			case w == "->":
				for _, p := range append(parents, t) {
					if p.Name == words[i+2] {
						c.Refers = &Reference{Parent: p, Column: "id", Self: p == t}
					}
				}
			}
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

// claimed gives the claim about a column; an empty one where there is none.
func claimed(t *Table, name string) Claim {
	for _, k := range Read(t) {
		if k.Column == name {
			return k
		}
	}
	return Claim{}
}

// Who did something is known where it is done, in schemas of whatever words.
func TestDoers(t *testing.T) {
	staff := tableOf("employees", nil, "id unique", "name text")
	teachers := tableOf("trainers", nil, "id unique", "name text")
	courses := tableOf("courses", []*Table{teachers}, "id unique", "trainer_id -> trainers")
	exams := tableOf("exams", []*Table{courses}, "id unique", "course_id -> courses")
	for _, c := range []struct {
		table  *Table
		column string
		want   string // the condition; "" for none
	}{
		{tableOf("expenses", []*Table{staff}, "id unique", "status draft|submitted|approved|rejected|paid", "submitted_by -> employees", "approved_by null -> employees", "approved_at null time"),
			"approved_by", `status in ["approved", "paid"]`},
		{tableOf("requests", []*Table{staff}, "id unique", "state open|reviewed|closed", "reviewer_id null -> employees"), "reviewer_id", `state in ["reviewed", "closed"]`},
		{tableOf("claims", []*Table{staff}, "id unique", "status new|settled", "handled_at null time", "handled_by null -> employees"), "handled_by", `handled_at != nil`},
		{tableOf("chat_lines", []*Table{staff}, "id unique", "author visitor|employee", "employee_id null -> employees"), "employee_id", `author == "employee"`},
		{tableOf("expenses", []*Table{staff}, "id unique", "status draft|paid", "created_by null -> employees"), "created_by", ""},
		{tableOf("expenses", []*Table{staff}, "id unique", "status draft|approved", "approved_by -> employees"), "approved_by", ""},
		{tableOf("papers", []*Table{exams, teachers}, "id unique", "exam_id -> exams", "graded_at null time", "graded_by null -> trainers"), "graded_by", "graded_at != nil"},
	} {
		k := claimed(c.table, c.column)
		got := ""
		for _, w := range []*When{k.When, k.Only} {
			if w != nil {
				got = w.Expression()
			}
		}
		if got != c.want {
			t.Errorf("%s.%s is there where %q, want %q (%s)", c.table.Name, c.column, got, c.want, k.Says)
		}
		if c.table.Name == "papers" && (k.Copied == nil || *k.Copied != Path{"exam_id.course_id", "trainer_id"}) {
			t.Errorf("%s.%s: %+v: want the course's trainer", c.table.Name, c.column, k.Copied)
		}
	}
}

// Who does something belongs there, by whatever table joins the two; not by one of likings.
func TestMembers(t *testing.T) {
	users := tableOf("users", nil, "id unique")
	projects := tableOf("projects", nil, "id unique")
	boards := tableOf("boards", []*Table{projects}, "id unique", "project_id -> projects")
	joins := tableOf("project_members", []*Table{users, projects}, "project_id -> projects", "user_id -> users", "role text")
	liked := tableOf("project_likes", []*Table{users, projects}, "project_id -> projects", "user_id -> users")
	orders := tableOf("orders", []*Table{users}, "id unique", "user_id -> users", "placed_at time")
	products := tableOf("products", nil, "id unique")
	lines := tableOf("order_lines", []*Table{orders, products}, "order_id -> orders", "product_id -> products")
	for _, c := range []struct {
		table            *Table
		all              []*Table
		column           string
		who, path, since string // "" for no claim
	}{
		{tableOf("tasks", []*Table{users, projects}, "id unique", "project_id -> projects", "assignee_id null -> users"), []*Table{liked, joins}, "assignee_id", "user_id", "project_id", ""},
		{tableOf("cards", []*Table{users, boards}, "id unique", "board_id -> boards", "author_id -> users"), []*Table{joins}, "author_id", "user_id", "board_id.project_id", ""},
		{tableOf("tasks", []*Table{users, projects}, "id unique", "project_id -> projects", "assignee_id null -> users"), []*Table{liked}, "", "", "", ""},
		{tableOf("invitations", []*Table{users, projects}, "id unique", "project_id -> projects", "invited_user_id -> users"), []*Table{joins}, "", "", "", ""},
		{tableOf("reviews", []*Table{users, products}, "id unique", "product_id -> products", "user_id -> users", "stars"), []*Table{joins, lines}, "user_id", "order_id.user_id", "product_id", "order_id.placed_at"},
	} {
		got := Members(c.table, slices.Values(c.all), func(*Table) bool { return true })
		if c.column == "" {
			if len(got) > 0 {
				t.Errorf("%s: %+v, want none", c.table.Name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Column != c.column || got[0].Who != c.who || got[0].Path != c.path || got[0].Since != c.since {
			t.Errorf("%s: %+v, want %s by %s, where %s, since %q", c.table.Name, got, c.column, c.who, c.path, c.since)
		}
	}
}

// Late fees, parts that came, numbers within what a type measures, the moments of a day, votes of a kind.
func TestWhatFollows(t *testing.T) {
	orders := tableOf("purchase_orders", nil, "id unique", "status draft|sent|received|cancelled")
	types := tableOf("sensor_types", nil, "id unique", "min_value", "max_value")
	sensors := tableOf("sensors", []*Table{types}, "id unique", "type_id -> sensor_types")
	for _, c := range []struct {
		table        *Table
		column, want string // a part of what is said
	}{
		{tableOf("rentals", nil, "id unique", "due_at time", "returned_at null time", "late_fee"), "late_fee", "where returned_at comes after due_at"},
		{tableOf("rentals", nil, "id unique", "due_at time", "returned_at null time", "fine"), "fine", "where returned_at comes after due_at"},
		{tableOf("rentals", nil, "id unique", "due_at time", "returned_at null time", "fine_rate"), "fine_rate", ""},
		{tableOf("purchase_order_items", []*Table{orders}, "id unique", "purchase_order_id -> purchase_orders", "quantity_ordered", "quantity_received"), "quantity_received", "0 unless its purchase_order is received"},
		{tableOf("samples", []*Table{sensors}, "id unique", "sensor_id -> sensors", "value"), "value", "between the min_value and the max_value of its sensor's type"},
	} {
		if k := claimed(c.table, c.column); !strings.Contains(k.Says, c.want) || c.want == "" && k.Says != "" {
			t.Errorf("%s.%s: %q, want %q", c.table.Name, c.column, k.Says, c.want)
		}
	}
	day := tableOf("daily_totals", nil, "device_id", "day", "first_at time", "last_at time")
	day.Columns[1].Type.Kind = column.Date
	for _, name := range []string{"first_at", "last_at"} {
		if k := claimed(day, name); k.Later == nil || k.Later.From != "day" {
			t.Errorf("%s: %q, want it on the day", name, k.Says)
		}
	}
	posts := tableOf("posts", nil, "id unique", "up_votes", "down_votes")
	votes := tableOf("votes", []*Table{posts}, "post_id -> posts", "direction")
	votes.Columns[1].Values = []string{"-1", "1"}
	sums := Sums(posts, []*Table{votes})
	if len(sums) != 2 || sums[0].Kin.Where != "direction == 1" || sums[1].Kin.Where != "direction == -1" {
		t.Errorf("votes up and down: %+v", sums)
	}
}
