// Package docs holds the documents that the program itself hands out.
package docs

import _ "embed"

// BlueprintSchema is the JSON Schema of the blueprint language, for editors.
//
//go:embed blueprint.schema.json
var BlueprintSchema []byte
