package cli

import (
	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/schema"
)

// inspectionJSON is a database as JSON. Keys are only ever added.
type inspectionJSON struct {
	Database string              `json:"database"`
	Dialect  string              `json:"dialect"`
	Version  string              `json:"version"`
	Order    [][]string          `json:"order"` // groups of tables, each after those that it refers to; a group of several is a cycle
	Tables   []inspectTableJSON  `json:"tables"`
	LeftOut  []string            `json:"left_out"`
	Sequence []inspectSerialJSON `json:"sequences"`
}

type inspectSerialJSON struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

type inspectTableJSON struct {
	Name        string              `json:"name"`
	Schema      string              `json:"schema,omitempty"`
	Comment     string              `json:"comment,omitempty"`
	Rows        *int64              `json:"rows"` // as the statistics have it; null where they say nothing
	HasRows     bool                `json:"has_rows"`
	CanInsert   bool                `json:"can_insert"`
	Refused     string              `json:"refused,omitempty"` // why the database takes no rows
	RowSecurity bool                `json:"row_security"`
	Cyclic      bool                `json:"cyclic"`
	Partitions  []string            `json:"partitions,omitempty"`
	Inherits    []string            `json:"inherits,omitempty"`
	Columns     []inspectColumnJSON `json:"columns"`
	PrimaryKey  []string            `json:"primary_key"`
	Uniques     []inspectUniqueJSON `json:"uniques"`
	References  []inspectKeyJSON    `json:"references"`
	Exclusions  []string            `json:"exclusions"`
	Checks      []inspectCheckJSON  `json:"checks"`
	Triggers    []string            `json:"triggers"`
}

type inspectColumnJSON struct {
	Name      string             `json:"name"`
	Type      string             `json:"type"`
	Base      string             `json:"base"` // the type beneath a domain
	NotNull   bool               `json:"not_null"`
	Default   string             `json:"default,omitempty"`
	Computed  string             `json:"computed,omitempty"`
	Identity  string             `json:"identity,omitempty"`
	Sequence  string             `json:"sequence,omitempty"`
	Collation string             `json:"collation,omitempty"`
	Labels    []string           `json:"labels,omitempty"`
	Comment   string             `json:"comment,omitempty"`
	Denied    bool               `json:"denied,omitempty"`
	Choice    *inspectChoiceJSON `json:"choice,omitempty"`
}

type inspectChoiceJSON struct {
	Generator  string `json:"generator"`
	Why        string `json:"why"`
	Confidence string `json:"confidence"`
}

type inspectUniqueJSON struct {
	Name        string   `json:"name"`
	Columns     []string `json:"columns,omitempty"`
	Expressions []string `json:"expressions,omitempty"`
	Where       string   `json:"where,omitempty"`
}

type inspectKeyJSON struct {
	Name       string   `json:"name"`
	Columns    []string `json:"columns"`
	Table      string   `json:"table"`
	To         []string `json:"to"`
	Nullable   bool     `json:"nullable"`
	Deferrable bool     `json:"deferrable"`
	OnDelete   string   `json:"on_delete,omitempty"`
	OnUpdate   string   `json:"on_update,omitempty"`
}

type inspectCheckJSON struct {
	Name       string   `json:"name"`
	Expression string   `json:"expression"`
	Columns    []string `json:"columns"`
	Domain     string   `json:"domain,omitempty"`
}

func inspectionOf(d *diagram.Diagram) inspectionJSON {
	out := inspectionJSON{Database: d.Database.Name, Dialect: d.Database.Dialect, Version: d.Database.Version, LeftOut: append([]string{}, d.Database.LeftOut...),
		Order: [][]string{}, Tables: []inspectTableJSON{}, Sequence: []inspectSerialJSON{}}
	for _, group := range d.Graph.Groups {
		var names []string
		for _, t := range group {
			names = append(names, d.Name(t))
		}
		out.Order = append(out.Order, names)
	}
	for _, q := range d.Database.Sequences {
		out.Sequence = append(out.Sequence, inspectSerialJSON{q.Name, append([]string{}, q.Columns...)})
	}
	for _, t := range d.Graph.Tables {
		out.Tables = append(out.Tables, inspectedTable(d, t))
	}
	return out
}

func inspectedTable(d *diagram.Diagram, t *schema.Table) inspectTableJSON {
	j := inspectTableJSON{Name: d.Name(t), Schema: t.Schema, Comment: t.Comment, HasRows: t.HasRows, CanInsert: t.CanInsert, Refused: t.Refused, RowSecurity: t.RowSecurity, Cyclic: d.Graph.Cyclic[t],
		Inherits: t.Inherits, Columns: []inspectColumnJSON{}, PrimaryKey: []string{}, Uniques: []inspectUniqueJSON{}, References: []inspectKeyJSON{}, Exclusions: []string{},
		Checks: []inspectCheckJSON{}, Triggers: []string{}}
	if n, known := diagram.Rows(t); known {
		j.Rows = &n
	}
	for _, p := range d.Graph.Partitions[t] {
		j.Partitions = append(j.Partitions, d.Name(p))
	}
	for _, c := range t.Columns {
		base := c.Type
		base.Domain = ""
		cj := inspectColumnJSON{Name: c.Name, Type: diagram.TypeText(c.Type), Base: diagram.TypeText(base), NotNull: c.NotNull, Default: c.Default, Computed: c.Computed, Identity: c.Identity,
			Sequence: c.Sequence, Collation: c.Collation, Labels: c.Type.Enum, Comment: c.Comment, Denied: c.Denied}
		if choice := d.ChoiceOf(t, c); choice != nil {
			cj.Choice = &inspectChoiceJSON{choice.Generator, choice.Why, choice.Confidence}
		}
		j.Columns = append(j.Columns, cj)
	}
	if t.PrimaryKey != nil {
		j.PrimaryKey = t.PrimaryKey.Columns
	}
	for _, u := range t.Uniques {
		if !u.Primary {
			j.Uniques = append(j.Uniques, inspectUniqueJSON{u.Name, u.Columns, u.Expressions, u.Where})
		}
	}
	for _, r := range d.Graph.Parents[t] {
		j.References = append(j.References, inspectKeyJSON{Name: r.Name, Columns: r.Columns, Table: d.Name(r.To), To: append([]string{}, r.RefColumns...), Nullable: r.Nullable,
			Deferrable: r.Deferrable, OnDelete: string(r.OnDelete), OnUpdate: string(r.OnUpdate)})
	}
	for _, e := range t.Exclusions {
		j.Exclusions = append(j.Exclusions, diagram.ExclusionText(e))
	}
	for _, k := range t.Checks {
		j.Checks = append(j.Checks, inspectCheckJSON{k.Name, k.Expression, append([]string{}, k.Columns...), k.Domain})
	}
	for _, g := range t.Triggers {
		j.Triggers = append(j.Triggers, diagram.TriggerText(g))
	}
	return j
}
