package infer

import (
	"slices"
	"time"
)

// steps are the distances at which moments lie that checks want on a grid, such as at = date_trunc('minute', at): the finest
// that a check takes is taken.
var steps = []string{"1s", "1m", "15m", "1h", "1d"}

// gridOfMoments gives moments that lie at whole seconds, minutes and so on.
func (s *site) gridOfMoments() (out []yaml) {
	if !s.judged() {
		return nil
	}
	from, to := s.span("2006-01-02 15:04:05")
	for _, step := range steps {
		out = append(out, call("timestamp", "from", from, "to", to, "step", quote(step)))
	}
	return out
}

// gridOfTimes does the same for times of day.
func (s *site) gridOfTimes() (out []yaml) {
	if !s.judged() {
		return nil
	}
	whole := s.times().without("precision")
	for _, step := range steps[1 : len(steps)-1] {
		out = append(out, whole.with("step", quote(step)))
	}
	return out
}

// moreDays gives days of more and more years, for columns whose distinct values checks or expressions make few: the first
// days of months, one day a year.
func (s *site) moreDays() (out []yaml) {
	if s.domain.Min != nil || s.domain.Max != nil || !s.unique && !s.together() {
		return nil
	}
	last, _ := time.Parse(time.DateOnly, lastDay)
	for _, years := range []int{5, 10, 30, 100, 300, 1000, 1900} {
		out = append(out, call("date", "from", last.AddDate(-years, 0, 1).Format(time.DateOnly), "to", lastDay))
	}
	return out
}

// together tells whether the column is distinct together with others.
func (s *site) together() bool {
	for _, u := range s.table.schema.Uniques {
		if slices.Contains(u.Columns, s.column.Name) || slices.Contains(u.Depends, s.column.Name) {
			return true
		}
	}
	return false
}

// judged tells whether a check reads the column.
func (s *site) judged() bool {
	for _, k := range s.table.schema.Checks {
		if slices.Contains(k.Columns, s.column.Name) {
			return true
		}
	}
	return false
}
