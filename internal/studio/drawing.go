package studio

import "github.com/sowerdata/sower/internal/diagram"

// Drawing lays out the tables of the plan and who refers to whom.
func (w *Workbench) Drawing() (*diagram.Drawing, error) {
	now, err := w.current()
	if err != nil {
		return nil, err
	}
	p := now.whole
	db := p.Database
	if db == nil {
		db = p.Describe()
	}
	return diagram.New(db).Draw(), nil
}
