package blueprint_test

import (
	"fmt"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
)

func Example() {
	files := fstest.MapFS{
		"shop.yaml": {Data: []byte(`
sower: 1
name: shop
parameters:
  customers: {type: integer, default: 100, min: 1, help: number of customers}
pools:
  colors: [red, green, blue]
tables:
  customer:
    rows: ${customers}
    columns:
      id: uuid
      color: {pick: colors, nulls: 0.1}
  purchase:
    rows: ${customers * 3}
`)},
	}
	doc, err := blueprint.Open(files, "shop.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	values := map[string]blueprint.Given{"customers": {Value: "20", Source: "flag --customers"}}
	b, err := doc.Resolve(values, []string{"pick", "uuid"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range b.Tables {
		fmt.Println(t.Name, t.Parts[0].Rows)
		for _, c := range t.Columns {
			fmt.Println(" ", c.Name, c.Generator.Name, c.Generator.Nulls, c.Pos)
		}
	}

	values["customers"] = blueprint.Given{Value: "0", Source: "environment SOWER_CUSTOMERS"}
	_, err = doc.Resolve(values, []string{"pcik", "uuid"})
	fmt.Println(err)
	// Output:
	// customer 20
	//   id uuid 0 shop.yaml:12:7
	//   color pick 0.1 shop.yaml:13:7
	// purchase 60
	// shop.yaml:5:3: customers is 0 (from environment SOWER_CUSTOMERS): at least 1
	// shop.yaml:13:15: customer.color: unknown generator "pick": did you mean "pcik"?
}
