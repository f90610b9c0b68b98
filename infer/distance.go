package infer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
)

// distances keeps what checks ask of how far two moments of a row lie apart: the one that is bounded from below, or else
// the right one, follows the other within the bounds.
func (t *table) distances(all []check.Relation) {
	for _, r := range all {
		left, right := t.byName[r.Left], t.byName[r.Right]
		if r.Offset == "" || left == nil || right == nil || left.schema == nil || right.schema == nil || left.follows || right.follows {
			continue
		}
		least, most, ok := apart(all, left.name, right.name)
		if !ok {
			continue
		}
		if most != nil && *most <= 0 && (least == nil || *least < 0) { // the left one is the later
			left, right = right, left
			least, most = contrary(most), contrary(least)
		}
		if !t.movable(right) || !t.isMoment(left) {
			if left, right = right, left; !t.movable(right) || !t.isMoment(left) {
				continue
			}
			least, most = contrary(most), contrary(least)
		}
		unit := int64(1)
		if right.kind() == column.Date {
			unit = 86400
		}
		lo, hi := spread(least, most, unit)
		if t.follow(right, left, seconds64(lo), seconds64(hi), 1, fmt.Sprintf("checks want it within a distance of %s", left.name)) {
			right.spans = right.kind() == left.kind() && right.kind() != column.Time
		}
	}
}

func (t *table) isMoment(c *col) bool {
	return c.kind() == column.Timestamp || c.kind() == column.Date || c.kind() == column.Time
}

// apart gives the bounds of right - left in seconds that relations between two columns set, nil for none; false where one
// of them cannot be read.
func apart(all []check.Relation, left, right string) (least, most *int64, ok bool) {
	for _, r := range all {
		sign := int64(1)
		switch {
		case r.Left == left && r.Right == right:
		case r.Left == right && r.Right == left:
			sign = -1
		default:
			continue
		}
		off, known := int64(0), true
		if r.Offset != "" {
			off, known = spanOf(&check.Bound{Value: r.Offset})
		}
		calendar := strings.Contains(r.Offset, "month") || strings.Contains(r.Offset, "year") // of 28 to 31 days
		if !known || r.Op != "<" && r.Op != "<=" && r.Op != "=" {
			return nil, nil, false
		}
		open := int64(0)
		if r.Op == "<" {
			open = 1
		}
		// Left <= Right + off: Right - Left is at least -off, and Left - Right at most off
		if calendar && sign > 0 {
			off -= max(off, -off) / 28
		} else if calendar {
			off -= max(off, -off) / 14
		}
		if bound := -off + open; sign > 0 && (least == nil || bound > *least) {
			least = &bound
		}
		if bound := off - open; sign < 0 && (most == nil || bound < *most) {
			most = &bound
		}
		if r.Op == "=" {
			bound := -sign * off
			return &bound, &bound, true
		}
	}
	return least, most, least == nil || most == nil || *least <= *most
}

func contrary(n *int64) *int64 {
	if n == nil {
		return nil
	}
	m := -*n
	return &m
}

// spread gives both ends of a distance, in whole units: an end that is not bounded lies 30 days, or as far as the other
// end lies from zero, away from it.
func spread(least, most *int64, unit int64) (lo, hi int64) {
	const month = 30 * 86400
	switch {
	case most == nil:
		lo = *least
		hi = max(lo+max(month, lo), -lo/10)
	case least == nil:
		hi = *most
		lo = min(0, hi-month)
		if hi > 0 {
			lo = 0
		}
	default:
		lo, hi = *least, *most
	}
	return -floorDiv(-lo, unit) * unit, floorDiv(hi, unit) * unit
}

// seconds64 writes seconds as a duration.
func seconds64(n int64) string {
	if n%86400 == 0 {
		return strconv.FormatInt(n/86400, 10) + "d"
	}
	return strconv.FormatInt(n, 10) + "s"
}
