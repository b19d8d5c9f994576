// Command controlplane holds the parts of a Kubernetes control plane that xzgate's end-to-end tests
// need, in one program. It plays the part whose name it is started by:
//
//	etcd -data-dir DIR -client URL -peer URL
//	kube-apiserver, kube-controller-manager, kubectl    with their usual flags
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"

	// The metrics and log formats that the parts' own programs register.
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// A part runs until it ends by itself or by a signal, and returns the exit code.
type part func() int

var parts = map[string]part{
	"etcd":                    runEtcd,
	"kube-apiserver":          command(apiserver.NewAPIServerCommand),
	"kube-controller-manager": command(controllers.NewControllerManagerCommand),
	"kubectl":                 runKubectl,
}

func main() {
	name := filepath.Base(os.Args[0])
	run, found := parts[name]
	if !found {
		fmt.Fprintf(os.Stderr, "started as %q, want one of the names %s\n", name, names())
		os.Exit(2)
	}
	os.Exit(run())
}

func names() string {
	var all []string
	for name := range parts {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func command(create func() *cobra.Command) part {
	return func() int { return cli.Run(create()) }
}

func runKubectl() int {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
