// Package manifests reads a Kustomize base as kubectl does, into the types of Kubernetes's API.
package manifests

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Jobs builds the Kustomize folder dir and returns its Jobs by name. What else it may hold are service accounts. A field
// that the API does not know, in whatever resource, is an error.
func Jobs(dir string) (map[string]*batchv1.Job, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, err
	}
	jobs := map[string]*batchv1.Job{}
	for _, r := range resources.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			return nil, err
		}
		var into any
		switch r.GetGvk().String() {
		case "Job.v1.batch":
			job := new(batchv1.Job)
			jobs[r.GetName()], into = job, job
		case "ServiceAccount.v1.[noGrp]":
			into = new(corev1.ServiceAccount)
		default:
			return nil, fmt.Errorf("%s %s: this kind is not expected here", r.GetGvk(), r.GetName())
		}
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.GetKind(), r.GetName(), err)
		}
	}
	return jobs, nil
}
