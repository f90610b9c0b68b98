package run

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// markBySums finds the rows of a table some of whose columns this program makes otherwise than the run did. Rows go where
// the digests prove these cells to be the run's: of tables with a key of one column batch by batch, of others all or none,
// since what the ledger says of them has to be right after.
func (c *cleaning) markBySums(ctx context.Context, t *plan.Table) error {
	k := newBatchSums(t, c.ledger[t], c.findings.Changed[t.Name])
	why := k.untold(c.made[t])
	var err error
	if keyed(t) {
		err = c.markGroups(ctx, k, &why)
	} else {
		err = c.markAll(ctx, k, &why)
	}
	if err != nil {
		return err
	}
	if out := c.byTable[t]; out.Untold > 0 {
		out.Reason = fmt.Sprintf("this version of sower makes cells otherwise than the run did (%s), and %s: which of these rows somebody changed "+
			"since cannot be told (the version that made the run can tell: %s)", otherwiseText(k.other), why, c.record.Version)
	}
	return c.Mark(ctx, Target(t), nil, false)
}

// notRecorded says why rows are not proven to be the run's.
func notRecorded(batches int) string {
	return fmt.Sprintf("of %d batches rows are gone, or such cells are not what the run recorded", batches)
}

// markGroups marks rows that the key finds.
func (c *cleaning) markGroups(ctx context.Context, k *batchSums, why *string) error {
	t, failed, told := k.table, 0, *why == ""
	groups := batches(c.made[t], 5000)
	if told {
		groups = k.groups()
	}
	var done int64
	for _, g := range groups {
		list := intersect(g, c.made[t])
		if len(list) == 0 {
			continue
		}
		pairs, made, read, places, err := k.byKey(ctx, &c.maker, list, c.Read)
		if err != nil {
			return err
		}
		bad := 0
		if told {
			k.add(pairs, made, read)
			bad = k.bad(g)
		}
		failed += bad
		c.byTable[t].Missing += sum(list) - int64(len(pairs))
		if err := c.markPairs(ctx, k, pairs, made, read, places, told && bad == 0); err != nil {
			return err
		}
		done += sum(list)
		c.progress.mu.Lock()
		c.progress.event(Event{Phase: "verify", Table: t.Name, Rows: done, Total: sum(c.made[t]), Batch: sum(list)})
		c.progress.mu.Unlock()
	}
	if told {
		*why = notRecorded(failed)
	}
	return nil
}

// markPairs marks rows that were found: those go that are proven to be as they were made.
func (c *cleaning) markPairs(ctx context.Context, k *batchSums, pairs []pair, made, read *column.Batch, places []sink.Place, proven bool) error {
	out := c.byTable[k.table]
	var same, kept []sink.Place
	for _, p := range pairs {
		var d []string
		if made != nil {
			d = differing(k.table, k.names(), made, p.made, read, p.read)
		}
		switch {
		case len(d) > 0:
			out.changed(d)
			kept = append(kept, places[p.read])
		case proven:
			same = append(same, places[p.read])
		default:
			out.Untold++
			kept = append(kept, places[p.read])
		}
	}
	if err := c.Mark(ctx, Target(k.table), same, false); err != nil {
		return err
	}
	return c.Mark(ctx, Target(k.table), kept, true)
}

// markAll marks the rows of a table in which no single key finds them: first they are read to be proven, then to be marked.
func (c *cleaning) markAll(ctx context.Context, k *batchSums, why *string) error {
	list, out := c.made[k.table], c.byTable[k.table]
	lost, others, loose, err := k.all(ctx, &c.maker, list, c.Scan, nil)
	if err != nil {
		return err
	}
	failed := len(k.failed(loose))
	proven := *why == "" && failed == 0
	if *why == "" {
		*why = notRecorded(failed)
	}
	by, _ := k.finders()
	if len(by) == 0 && !proven {
		out.Untold = sum(list) // nobody knows which they are
		return nil
	}
	if out.Missing = int64(len(lost)); loose && others > 0 {
		out.Untold = min(out.Missing, others) // changed, perhaps
		out.Missing -= out.Untold
	}
	k.reset()
	_, _, _, err = k.all(ctx, &c.maker, list, c.Scan, func(pairs []pair, made, read *column.Batch, places []sink.Place) error {
		return c.markPairs(ctx, k, pairs, made, read, places, proven)
	})
	if err == nil && proven && len(k.failed(loose)) > 0 {
		err = fmt.Errorf("%s: its rows were changed while they were read: nothing was deleted; run the same command again", k.table.Name)
	}
	return err
}
