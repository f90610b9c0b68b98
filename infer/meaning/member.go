package meaning

import (
	"iter"
	"slices"
	"strings"
)

// Member is a reference to somebody who belongs to what the row is about, as the rows of a third table say: who hands in is
// in the class, who reviews has bought.
type Member struct {
	Column string // that refers to somebody
	Joins  *Table // whose rows say who belongs where
	Who    string // path from such a row to the cell that the column holds
	Of     string // its column of where
	Path   string // of the row's cell that this one equals
	Since  string // path from such a row to the moment before which nothing is done by it; "" for none
	Says   string
}

var (
	people       = set("user member student customer client patient employee person people account contact player participant agent staff teacher buyer pupil learner attendee guest individual profile")
	memberships  = set("membership member enrollment enrolment participant participation registration attendee roster team_member group_member seat affiliation crew squad lineup")
	outsiders    = set("invited invitee invite candidate applicant recipient blocked banned removed")
	likings      = set("favorite favourite like follow follower bookmark wishlist watch vote view block interest application request")
	boughtThings = set("product item listing article good book sku variant game app course")
	purchases    = set("order purchase sale invoice booking rental transaction checkout")
)

// Members gives the references of a table to people who belong somewhere by the rows of another table, one of all that is
// free for that.
func Members(t *Table, all iter.Seq[*Table], free func(*Table) bool) (out []Member) {
	if t.about(likings) {
		return nil
	}
	opinion := t.about(set("review rating feedback testimonial"))
	for _, a := range t.Columns {
		if a.Refers == nil || a.Refers.Self || a.Refers.Parent == nil || !a.Refers.Parent.about(people) || a.has(outsiders) || a.Unique {
			continue
		}
		for j := range all {
			if j == t || slices.ContainsFunc(j.Columns, func(c *Column) bool { return c.Refers != nil && c.Refers.Parent == t }) {
				continue
			}
			m, ok := Member{}, false
			switch {
			case opinion:
				m, ok = t.bought(a, j)
			case j.members(a.Refers.Parent):
				m, ok = t.belongsBy(a, j)
			}
			if ok && free(j) {
				m.Column, m.Joins = a.Name, j
				out = append(out, m)
				break
			}
		}
	}
	return out
}

// members tells whether a table's rows say which people of a table belong where.
func (t *Table) members(of *Table) bool {
	n := 0
	for _, c := range t.Columns {
		if c.Refers != nil && c.NotNull {
			n++
		}
	}
	if n != 2 && !(n > 2 && t.about(memberships)) {
		return false
	}
	if t.about(memberships) {
		return true
	}
	k := Kindred{Child: t} // users_projects: a table that joins, and goes by both names
	return k.joins() && slices.Contains(t.Owner, of.Owner[len(of.Owner)-1]) && !t.about(likings)
}

// sole finds the only column of a table that refers to another one, in every row.
func (t *Table) sole(to *Table) (out *Column) {
	for _, c := range t.Columns {
		if c.Refers == nil || c.Refers.Parent != to || c.Refers.Self || !c.NotNull {
			continue
		}
		if out != nil {
			return nil
		}
		out = c
	}
	return out
}

// belongsBy reads that who a column leads to is a member of what the row is about, or of what that is about.
func (t *Table) belongsBy(a *Column, j *Table) (Member, bool) {
	who := j.sole(a.Refers.Parent)
	if who == nil || who.Refers.Column != a.Refers.Column {
		return Member{}, false
	}
	for _, of := range j.Columns {
		if of == who || of.Refers == nil || of.Refers.Parent == nil || of.Refers.Self || !of.NotNull || of.Refers.Parent == a.Refers.Parent || of.Refers.Parent.about(people) && !of.Refers.Parent.about(set("account")) {
			continue
		}
		m := Member{Who: who.Name, Of: of.Name}
		if b := t.sole(of.Refers.Parent); b != nil {
			m.Path = b.Name
		} else {
			var paths []string
			for _, b := range t.Columns {
				if b == a || b.Refers == nil || b.Refers.Self || b.Refers.Parent == nil || !b.NotNull || b.Refers.Parent == a.Refers.Parent {
					continue
				}
				if up := b.Refers.Parent.sole(of.Refers.Parent); up != nil {
					paths = append(paths, b.Name+"."+up.Name)
				}
			}
			if len(paths) != 1 {
				continue
			}
			m.Path = paths[0]
		}
		m.Says = t.Name + "." + a.Name + " is of " + j.Name + " of its " + strings.ReplaceAll(m.Path, ".", "'s ")
		return m, true
	}
	return Member{}, false
}

// bought reads that who thinks something of a thing has bought it before.
func (t *Table) bought(a *Column, j *Table) (Member, bool) {
	for _, b := range t.Columns {
		if b.Refers == nil || b.Refers.Parent == nil || b.Refers.Self || !b.NotNull || !b.Refers.Parent.about(boughtThings) {
			continue
		}
		of := j.sole(b.Refers.Parent)
		if of == nil {
			continue
		}
		m := Member{Of: of.Name, Path: b.Name, Says: t.Name + "." + a.Name + " has bought the " + b.Refers.Parent.Owner[len(b.Refers.Parent.Owner)-1] + " before, by " + j.Name}
		if who := j.sole(a.Refers.Parent); who != nil && j.about(purchases) {
			m.Who = who.Name
			if at := j.when(); at != nil {
				m.Since = at.Name
			}
			return m, true
		}
		for _, o := range j.Columns {
			if o.Refers == nil || o.Refers.Parent == nil || !o.NotNull || !o.Refers.Parent.about(purchases) {
				continue
			}
			if who := o.Refers.Parent.sole(a.Refers.Parent); who != nil {
				m.Who = o.Name + "." + who.Name
				if at := o.Refers.Parent.when(); at != nil {
					m.Since = o.Name + "." + at.Name
				}
				return m, true
			}
		}
	}
	return Member{}, false
}
