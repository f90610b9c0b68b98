// Package doccheck makes the reference documents from the code: docs/blueprint.md and
// docs/blueprint.schema.json from the generators' types and the examples, docs/commands.md from the
// program's help. Its test compares them with the files, and with
//
//	UPDATE=1 go test ./internal/doccheck
//
// writes them anew. It also holds what the other documents say against the code: paths, commands and
// examples.
package doccheck

import (
	"fmt"
	"io/fs"
)

// The generated documents.
const (
	referenceFile = "docs/blueprint.md"
	schemaFile    = "docs/blueprint.schema.json"
	commandsFile  = "docs/commands.md"
)

// examplesFile is the blueprint with the examples that the reference shows.
const examplesFile = "docs/examples/generators.yaml"

// Run runs the program and gives what it prints on stdout.
type Run func(args ...string) string

// Documents makes every generated document, by its path. Root is the repository.
func Documents(root fs.FS, run Run) (map[string][]byte, error) {
	docs, err := generatorDocs(root)
	if err != nil {
		return nil, err
	}
	examples, err := readExamples(root)
	if err != nil {
		return nil, err
	}
	schema, err := Schema(docs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaFile, err)
	}
	reference, err := blueprintReference(docs, examples, schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", referenceFile, err)
	}
	commands, err := commandReference(run)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", commandsFile, err)
	}
	return map[string][]byte{referenceFile: reference, schemaFile: schema, commandsFile: commands}, nil
}
