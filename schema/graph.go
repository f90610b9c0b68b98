package schema

// Find gives the table of this schema and name, or nil.
func (d *Database) Find(schema, name string) *Table {
	for _, t := range d.Tables {
		if t.Schema == schema && t.Name == name {
			return t
		}
	}
	return nil
}

// Graph is who refers to whom: foreign keys between tables, partitions taken as part of their topmost parent.
type Graph struct {
	Tables     []*Table               // those that are no partitions, in the database's order
	Partitions map[*Table][]*Table    // of each of them, those of all levels
	Parents    map[*Table][]Reference // what each of them refers to, itself included
	Groups     [][]*Table             // in an order of loading: each group after those that it refers to; tables of a group refer to one another in a circle
	Cyclic     map[*Table]bool        // tables in a circle of several, or that refer to themselves
}

// Reference is a foreign key and the table that it leads to.
type Reference struct {
	*ForeignKey
	To       *Table
	Nullable bool // it may be null as a whole
}

// Graph follows all foreign keys. Those to tables that the database does not show are left out.
func (d *Database) Graph() *Graph {
	type name struct{ schema, table string }
	byName := map[name]*Table{}
	for _, t := range d.Tables {
		byName[name{t.Schema, t.Name}] = t
	}
	root := func(t *Table) *Table {
		for t.Partition != nil {
			up := byName[name{t.Partition.ParentSchema, t.Partition.ParentTable}]
			if up == nil {
				break
			}
			t = up
		}
		return t
	}
	g := &Graph{Partitions: map[*Table][]*Table{}, Parents: map[*Table][]Reference{}, Cyclic: map[*Table]bool{}}
	for _, t := range d.Tables {
		top := root(t)
		if top != t {
			g.Partitions[top] = append(g.Partitions[top], t)
			continue // its foreign keys are those of its parent
		}
		g.Tables = append(g.Tables, t)
		for _, k := range t.References() {
			if to := byName[name{k.RefSchema, k.RefTable}]; to != nil {
				g.Parents[t] = append(g.Parents[t], Reference{ForeignKey: k, To: root(to), Nullable: t.nullable(k)})
			}
		}
	}
	g.group()
	return g
}

// nullable tells whether a foreign key may be left null: one null column is enough, but with MATCH FULL.
func (t *Table) nullable(k *ForeignKey) bool {
	some, all := false, true
	for _, name := range k.Columns {
		if c := t.Column(name); c != nil && !c.NotNull {
			some = true
		} else {
			all = false
		}
	}
	return some && (all || !k.MatchFull)
}

// group finds the strongly connected components. Robert Tarjan, "Depth-First Search and Linear Graph
// Algorithms", 1972: it ends each component after all that it leads to.
func (g *Graph) group() {
	index, low, on := map[*Table]int{}, map[*Table]int{}, map[*Table]bool{}
	var stack []*Table
	var visit func(t *Table)
	visit = func(t *Table) {
		index[t] = len(index) + 1
		low[t] = index[t]
		stack, on[t] = append(stack, t), true
		for _, r := range g.Parents[t] {
			switch {
			case r.To == t:
				g.Cyclic[t] = true
			case index[r.To] == 0:
				visit(r.To)
				low[t] = min(low[t], low[r.To])
			case on[r.To]:
				low[t] = min(low[t], index[r.To])
			}
		}
		if low[t] != index[t] {
			return
		}
		at := len(stack) - 1
		for stack[at] != t {
			at--
		}
		group := append([]*Table(nil), stack[at:]...)
		stack = stack[:at]
		for _, m := range group {
			on[m] = false
			g.Cyclic[m] = g.Cyclic[m] || len(group) > 1
		}
		g.Groups = append(g.Groups, group)
	}
	for _, t := range g.Tables {
		if index[t] == 0 {
			visit(t)
		}
	}
}
