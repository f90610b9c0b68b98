package rows_test

import (
	"io/fs"
	"testing/fstest"
)

func mapFS(text string) fs.FS { return fstest.MapFS{"b.yaml": {Data: []byte(text)}} }
