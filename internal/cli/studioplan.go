package cli

import (
	"bytes"
	"context"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
)

// resolved is a text as it was read.
type resolved struct {
	text     []byte
	doc      *blueprint.Document
	settings *settings
}

// resolve reads a text in the place of the blueprint's file.
func (b *bench) resolve(text []byte) (*settings, error) {
	b.mu.Lock()
	last := b.read
	b.mu.Unlock()
	if last.settings != nil && bytes.Equal(last.text, text) {
		return last.settings, nil
	}
	read := blueprint.Open
	if last.doc != nil {
		read = last.doc.Edited
	}
	doc, err := read(overlay{b.files, b.name, text}, b.name)
	if err != nil {
		return nil, err
	}
	if missing := doc.Missing(b.settings.given); len(missing) > 0 {
		return nil, missingError(missing)
	}
	s := *b.settings
	if s.blueprint, err = doc.Resolve(s.given, plan.Generators()); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.read = resolved{text, doc, &s}
	b.mu.Unlock()
	return &s, nil
}

func (b *bench) plan(ctx context.Context, text []byte) (*plan.Plan, error) {
	s, err := b.resolve(text)
	if err != nil {
		return nil, err
	}
	p, err := b.complete(ctx, s, s.blueprint)
	if err == nil {
		b.mu.Lock()
		b.whole = s.blueprint
		b.mu.Unlock()
	}
	return p, err
}

// complete plans a blueprint.
func (b *bench) complete(ctx context.Context, s *settings, bp *blueprint.Blueprint) (*plan.Plan, error) {
	some := *s
	some.blueprint = bp
	if b.store == nil {
		return some.alone()
	}
	o, err := b.app.request(&some, &b.flags.infer).Options(b.store)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	db, recorded := b.db, b.records
	b.mu.Unlock()
	return request.Complete(ctx, bp, recorded, db, 0, false, o)
}

// early plans the tables of which a text says something else than the last one that was planned whole, with all that
// they are made from: their rows do not hang on other tables. nil where that is not much less than all of it, or has
// mistakes, which the whole plan tells.
func (b *bench) early(ctx context.Context, text []byte) *plan.Plan {
	s, err := b.resolve(text)
	if err != nil {
		return nil
	}
	b.mu.Lock()
	whole, db := b.whole, b.db
	b.mu.Unlock()
	if whole == nil {
		return nil
	}
	changed, ok := s.blueprint.Changed(whole)
	if !ok || len(changed) == 0 {
		return nil
	}
	needed := needs(s.blueprint, db, changed)
	if len(needed)*2 > len(s.blueprint.Tables) {
		return nil
	}
	p, err := b.complete(ctx, s, s.blueprint.Without(func(table, column string) bool { return column == "" && !needed[table] }))
	if err != nil {
		return nil
	}
	return p
}

// needs gives some tables of a blueprint and all that they refer to, by its own words or by foreign keys.
func needs(b *blueprint.Blueprint, db *schema.Database, tables []string) map[string]bool {
	out := map[string]bool{}
	names := map[*schema.Table]string{} // in the blueprint
	if db != nil {
		for _, t := range b.Tables {
			if s := db.Table(t.Name); s != nil {
				names[s] = t.Name
			}
		}
	}
	referred := map[[2]string]string{}
	for s, name := range names {
		referred[[2]string{s.Schema, s.Name}] = name
	}
	for left := slices.Clone(tables); len(left) > 0; {
		name := left[len(left)-1]
		left = left[:len(left)-1]
		i := slices.IndexFunc(b.Tables, func(t *blueprint.Table) bool { return t.Name == name })
		if out[name] || i < 0 {
			continue
		}
		out[name] = true
		left = append(left, b.Reads(b.Tables[i])...)
		for s, at := range names {
			if at != name {
				continue
			}
			for _, fk := range s.References() {
				if parent := referred[[2]string{fk.RefSchema, fk.RefTable}]; parent != "" {
					left = append(left, parent)
				}
			}
		}
	}
	return out
}
