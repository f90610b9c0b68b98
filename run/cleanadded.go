package run

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sowerdata/sower/sink"
)

// Triggers add rows to other tables while a run fills its own: a role of each organisation, an entry of a log. Those that
// refer to the run's rows go with these.

// followAdded marks the rows that refer to what is to go, in tables to which triggers added rows: where there are
// more than they added, somebody else's are among them, and nothing is deleted.
func (c *cleaning) followAdded(ctx context.Context) error {
	var targets []*sink.Target
	for _, name := range slices.Sorted(maps.Keys(c.findings.Added)) {
		switch t := c.plan.Table(name); {
		case c.findings.Added[name] <= 0:
		case t != nil && c.byTable[t] != nil:
			targets = append(targets, Target(t))
		case c.plan.Database != nil && c.plan.Database.Table(name) != nil:
			target := &sink.Target{Table: c.plan.Database.Table(name), Name: name}
			c.beside = append(c.beside, target)
			targets = append(targets, target)
		}
	}
	marked := map[string]int64{}
	for again := len(targets) > 0; again; {
		again = false
		for _, t := range targets {
			n, err := c.MarkReferring(ctx, t)
			if err != nil {
				return err
			}
			marked[t.Name] += n
			again = again || n > 0
		}
	}
	for _, t := range targets {
		if n, added := marked[t.Name], c.findings.Added[t.Name]; n > added {
			return fmt.Errorf("%w, and nothing was deleted: %d rows of %s refer to them, and triggers added %d of these; delete the others, or let them refer to others, then try again",
				ErrDepended, n, t.Name, added)
		}
	}
	return nil
}

// deleteAdded deletes the marked rows of tables that the run did not fill.
func (c *cleaning) deleteAdded(ctx context.Context) error {
	for _, t := range c.beside {
		if _, err := c.Delete(ctx, t, c.options.chunk(), false, func(int64) {}); err != nil {
			return err
		}
	}
	return nil
}
