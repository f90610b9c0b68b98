package meaning

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Kin is what a row knows of the rows of another table that refer to it.
type Kin struct {
	Child *Table
	By    string // the column of Child that refers
	Op    string // of generator aggregate
	Cell  string // an expression over the child's cells; "" for the number of rows
	Where string // a condition over them; "" for all
	Least bool   // each row has at least one, if there are enough
}

// parts are last words of tables whose rows are parts of what they belong to.
var components = set("line item detail entry posting position component leg split parcel instalment installment stop step movement image photo")

// composed tells whether a table's rows are parts of another one's: order_items of orders.
func (t *Table) composed(by *Column) bool {
	p := by.Refers.Parent
	if by.Refers.Self || p == nil || !by.NotNull || len(t.Owner) == 0 || len(p.Owner) == 0 {
		return false
	}
	whole := p.Owner[len(p.Owner)-1]
	if len(t.Owner) > 1 && slices.Contains(t.Owner[:len(t.Owner)-1], whole) {
		return true
	}
	if !components[t.Owner[len(t.Owner)-1]] {
		return false
	}
	for _, c := range t.Columns { // the first that it cannot do without
		if c.Refers != nil && c.NotNull && !c.Refers.Self {
			return c == by && !(len(t.Owner) > 1 && t.belongs())
		}
	}
	return false
}

// itemizes tells whether a table's rows are what another one's are made of: no order is without a line.
func (t *Table) itemizes(by *Column) bool {
	return t.about(set("line item detail posting leg")) && t.composed(by)
}

// belongs tells whether one of the tables that a table refers to gives it its name.
func (t *Table) belongs() bool {
	return slices.ContainsFunc(t.Columns, func(c *Column) bool {
		return c.Refers != nil && c.Refers.Parent != nil && !c.Refers.Self && len(c.Refers.Parent.Owner) > 0 &&
			slices.Contains(t.Owner[:len(t.Owner)-1], c.Refers.Parent.Owner[len(c.Refers.Parent.Owner)-1])
	})
}

// Kindred is a column of a child by which it refers to a table.
type Kindred struct {
	Child *Table
	By    *Column
}

// families are the ways by which rows of other tables belong to a table's, one for each of them: by the column that is
// named as the table is, or the only one.
func families(t *Table, children []*Table) (out []Kindred) {
	for _, child := range children {
		if len(child.Owner) == 0 {
			continue
		}
		var found []*Column
		for _, c := range child.Columns {
			if c.Refers != nil && c.Refers.Parent == t && !c.Refers.Self && c.Type.Kind != column.Invalid {
				found = append(found, c)
			}
		}
		if len(found) > 1 && len(t.Owner) > 0 {
			named := slices.DeleteFunc(slices.Clone(found), func(c *Column) bool {
				s := stem(c)
				return len(s) != 1 || s[0] != t.Owner[len(t.Owner)-1] && !set("author owner user creator customer buyer")[s[0]]
			})
			if len(named) > 0 {
				found = named
			}
		}
		if len(found) == 1 {
			out = append(out, Kindred{child, found[0]})
		}
	}
	slices.SortStableFunc(out, func(a, b Kindred) int { return len(a.Child.Owner) - len(b.Child.Owner) }) // readings before meter_readings
	return out
}

// Sums gives what the columns of a table sum up of the rows of others.
func Sums(t *Table, children []*Table) (out []Claim) {
	of := families(t, children)
	if len(of) == 0 {
		return nil
	}
	r := &reading{Table: t, taken: map[string]bool{}}
	for _, c := range t.Columns {
		if c.Fixed || c.Refers != nil || c.Unique {
			continue
		}
		for _, f := range summings {
			if k, ok := f(r, c, of); ok {
				k.Column = c.Name
				out = append(out, k)
				break
			}
		}
	}
	return out
}

// summings look for one kind of sum each, the surest first.
var summings = []func(*reading, *Column, []Kindred) (Claim, bool){
	(*reading).heads, (*reading).counted, (*reading).averaged, (*reading).edge, (*reading).extreme, (*reading).added, (*reading).exists,
}

// counting are words that say that a column counts.
var counting = set("count counter num number total nb cached cache nbr amount quantity cnt")

// others are further words for the rows of a table, by the word that counts them.
var others = map[string]constant{
	"reply": "post comment message answer response", "answer": "reply response", "comment": "reply", "message": "post",
	"item": "line detail product", "line": "item detail", "product": "listing", "version": "revision", "revision": "version",
	"member": "membership participant subscription_member user team_member", "user": "member account", "employee": "staff worker agent",
	"use": "redemption usage", "usage": "tag tagging redemption use order", "used": "redemption usage use", "redemption": "coupon_use",
	"like": "reaction favorite favourite", "follower": "follow", "subscriber": "subscription", "seat": "membership assignment",
	"student": "enrollment enrolment", "enrollment": "enrolment", "enrolment": "enrollment", "enrolled": "enrollment enrolment registration",
	"participant": "registration participation attendee", "attendee": "registration booking", "registered": "registration",
	"rating": "review", "review": "rating", "purchase": "order", "sale": "order", "transaction": "payment posting",
	"booked": "booking reservation", "photo": "image picture", "image": "photo picture", "view": "pageview visit",
}

// says tells whether words name the rows of a child: its own words, or others of the same sense.
func (k Kindred) says(words []string) bool {
	if len(words) == 0 || len(k.Child.Owner) == 0 {
		return false
	}
	own := k.Child.Owner
	last, mine := one(words[len(words)-1]), own[len(own)-1]
	if len(words) > 1 && len(own) >= len(words) && one(strings.Join(words, "_")) == strings.Join(own[len(own)-len(words):], "_") {
		return true
	}
	if len(words) > 1 {
		return false
	}
	if last == mine || plural(last, mine) || set(others[last])[mine] || set(others[last])[strings.Join(own, "_")] {
		return true
	}
	if role := stem(k.By); len(role) == 1 && role[0] != "user" && last == "used" && len(own) == 1 && own[0] == "order" {
		return true // coupons that orders refer to
	}
	// a table that does nothing but join counts as what it joins to: article_tags are a tag's uses
	return last == "usage" || last == "use" && len(own) > 1 && k.joins()
}

// plural tells whether a word is another one in the plural, as German has it.
func plural(w, one string) bool {
	end, ok := strings.CutPrefix(w, one)
	return ok && len(one) > 3 && (end == "e" || end == "n" || end == "en" || end == "er")
}

// joins tells whether a child is little more than two references.
func (k Kindred) joins() bool {
	n := 0
	for _, c := range k.Child.Columns {
		if c.Refers != nil {
			n++
		}
	}
	return n >= 2 && len(k.Child.Columns) <= 4
}

// one gives a word in the singular.
func one(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && len(w) > 3:
		return w[:len(w)-1]
	}
	return w
}
