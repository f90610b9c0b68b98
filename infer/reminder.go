package infer

import (
	"slices"
	"strconv"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/infer/meaning"
)

// placesOf is how many rows of a parent a column may number, 0 for any number; below 0 where checks leave it too few.
func (t *table) placesOf(c, by *col) int64 {
	if !t.limited(c) {
		return 0
	}
	most := int64(0)
	for _, b := range t.branches {
		d := or(b.domain(c.name))
		for n := 1; n <= 20; n++ {
			text := strconv.Itoa(n)
			if d.In != nil && !slices.Contains(d.In, text) || d.Max != nil && !within(d.Max, n) || d.Min != nil &&
				d.Min.Value != "0" && d.Min.Value != "1" {
				break
			}
			most = int64(n)
		}
	}
	if len(t.branches) != 1 || most < 2 || by == nil || by.reference == nil ||
		most*by.reference.parent.total() < t.total() {
		return -1
	}
	return most
}

// atMost lets parents have so many rows at most; 0 for any number.
func (t *table) atMost(by *col, most int64) {
	if most > 0 {
		by.inverted.most = most
		t.countAgain(by)
	}
}

// countAgain counts the rows of each parent by what is known now.
func (t *table) countAgain(by *col) {
	if f := by.shared(); f != nil && by.inverted.at < len(f.candidates) {
		if k := &f.candidates[by.inverted.at]; k.Generator.has("per_parent") {
			k.Generator = t.counted(by)
		}
	}
}

// within tells whether a whole number lies within an upper bound.
func within(max *check.Bound, n int) bool {
	v, err := strconv.ParseFloat(max.Value, 64)
	return err == nil && (float64(n) < v || float64(n) == v && !max.Open)
}

// reminds lets reminders be sent one after another, the first one some days after what they are about was due.
func (t *table) reminds(level *col) {
	k := meaning.ReminderOf(t.draft.read(t), level.name)
	if k == nil || t.unmeant[k.Sent] || t.byName[k.By].inverted == nil {
		return
	}
	c, due := t.byName[k.Sent], t.byName[k.By].reference.parent.byName[k.Due]
	if c == nil || due == nil || len(c.fills) == 0 || c.shared() == nil || c.kind() != due.kind() ||
		t.wantsUnique(c) || t.bound(c) {
		return
	}
	days := t.virtual(k.Sent+" days", call("integer", "min", 3, "max", 12),
		"how many days after it was due, or after the one before, one is reminded")
	f := c.shared()
	made := short("expression",
		quote("plus("+k.By+"."+k.Due+", ("+meaning.Cell(level.name)+" - 1) * 14 + cell("+quote(days).String()+"), \"day\")"))
	f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: made, Reason: t.name + "." + k.Sent + " is after the " + k.Due + " of its " + k.By + ", level by level", Confidence: 0.85, copies: true, meant: true})
	if c.plain == nil {
		c.plain = &plainly{nulls: c.nulls}
	}
	c.nulls, c.notBefore, c.follows, c.after = 0, nil, true, nil
	c.reads = append(c.reads, k.By, level.name, days)
}
