package meaning

import "strings"

// lived gives how often each state is where rows begin in the default one and go on: most have come to where rows rest, and
// few that were made of late have. It is false where the default is where they rest.
func (r *reading) lived(l *life, first int, k *Claim) bool {
	rest := l.rest()
	if r.about(set("account store shop branch channel position club venue")) && normal(l.states[first]) == "open" { // it stays so
		return false
	}
	if s := l.stages[first]; l.column.literal() != l.states[first] || s.side || s.rare || s.at > 20 || l.stages[rest].at <= s.at || l.stages[rest].side || l.stages[rest].unknown {
		return false
	}
	on, over := l.stages[rest].at, l.stages[rest].at >= 50
	for i, v := range l.states {
		s := l.stages[i]
		old, late := 3, 10
		switch {
		case i == rest:
			old, late = 66, 26
		case i == first:
			old, late = 3, 34
		case s.side || s.rare:
			old, late = 6, 4
		case s.at < on && over: // on the way
			old, late = 3, 16
		case s.at < on:
			old, late = 4, 20
		case s.at >= 50: // over
			old, late = 14, 4
		}
		k.Weights, k.Late = append(k.Weights, Weight{v, old}), append(k.Late, Weight{v, late})
	}
	k.Says = r.Name + "." + l.column.Name + ": " + strings.Join(l.states, ", ") + "; most have come to " + l.states[rest]
	if since := r.base(); since != "" {
		k.Since, k.Reads = since, []string{since}
		k.Says += ", but for those of late"
	} else {
		for i := range k.Weights {
			k.Weights[i].Weight = (3*k.Weights[i].Weight + k.Late[i].Weight) / 4
		}
		k.Late = nil
	}
	return true
}
