package run

// askedAgain is how often a worker asks again for a connection, before it leaves the work to the others: those who ask
// at the same moment may all be refused.
const askedAgain = 2

// fewer says that workers got no connection.
type fewer struct {
	left int   // workers that ended for that
	err  error // the first refusal; nil where there was none
}

// of gives the number of workers that there are, of those that were asked for.
func (f *fewer) of(workers int) int { return max(workers-f.left, 1) }

// unconnected notes that a worker got no connection, and whether it ended for that.
func (p *progress) unconnected(err error, left bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fewer.err == nil {
		p.fewer.err = err
	}
	if left {
		p.fewer.left++
	}
}

// tellFewer says that fewer workers loaded rows than were asked for.
func (g *generation) tellFewer() {
	if err := g.progress.fewer.err; err != nil {
		g.notice("fewer than %d workers loaded rows, since there were no more connections: %v", g.options.workers(), err)
	}
}
