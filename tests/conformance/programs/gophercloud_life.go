// A user of gophercloud 0.12, as Debian has it: what the CSI plugin and Terraform do with snapshots.
// Prints each step that went well.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/gophercloud/gophercloud"
	"github.com/gophercloud/gophercloud/openstack"
	"github.com/gophercloud/gophercloud/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/pagination"
)

const patience = 60

func ok(step string) {
	fmt.Println("ok", step)
}

func must(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%T: %v\n", err, err)
		os.Exit(1)
	}
}

func claim(holds bool, what string, of interface{}) {
	if !holds {
		must(fmt.Errorf("%s: %+v", what, of))
	}
}

// gone waits until what is asked for answers 404.
func gone(get func() error) {
	must(gophercloud.WaitFor(patience, func() (bool, error) {
		err := get()
		if _, absent := err.(gophercloud.ErrDefault404); absent {
			return true, nil
		}
		return false, err
	}))
}

func main() {
	options, err := openstack.AuthOptionsFromEnv()
	must(err)
	provider, err := openstack.AuthenticatedClient(options)
	must(err)
	client, err := openstack.NewBlockStorageV3(provider, gophercloud.EndpointOpts{Region: os.Getenv("OS_REGION_NAME")})
	must(err)
	ok("log-in")

	volume, err := volumes.Create(client, volumes.CreateOpts{Size: 1, Name: "go-volume"}).Extract()
	must(err)
	must(volumes.WaitForStatus(client, volume.ID, "available", patience))
	ok("volume-create")

	// Keys with a slash are what the CSI plugin sends.
	made, err := snapshots.Create(client, snapshots.CreateOpts{
		VolumeID: volume.ID,
		Name:     "go-ice",
		Metadata: map[string]string{"csi.storage.k8s.io/volumesnapshot/name": "ice"},
	}).Extract()
	must(err)
	claim(made.Status == "creating", "a new snapshot is creating", made)
	claim(time.Since(made.CreatedAt) < time.Hour, "a new snapshot is new", made)
	must(snapshots.WaitForStatus(client, made.ID, "available", patience))
	ok("snapshot-create")

	second, err := snapshots.Create(client, snapshots.CreateOpts{VolumeID: volume.ID, Name: "go-snow", Force: true}).Extract()
	must(err)
	must(snapshots.WaitForStatus(client, second.ID, "available", patience))
	ok("snapshot-create-forced")

	found, err := snapshots.Get(client, made.ID).Extract()
	must(err)
	claim(found.Name == "go-ice" && found.Size == 1 && found.VolumeID == volume.ID, "what is shown", found)
	claim(found.Metadata["csi.storage.k8s.io/volumesnapshot/name"] == "ice", "its metadata", found)
	ok("snapshot-get")

	pages, err := snapshots.List(client, snapshots.ListOpts{Name: "go-ice"}).AllPages()
	must(err)
	named, err := snapshots.ExtractSnapshots(pages)
	must(err)
	claim(len(named) == 1 && named[0].ID == made.ID, "one has the name", named)
	count := 0
	err = snapshots.List(client, snapshots.ListOpts{VolumeID: volume.ID}).EachPage(func(page pagination.Page) (bool, error) {
		of, err := snapshots.ExtractSnapshots(page)
		count += len(of)
		return true, err
	})
	must(err)
	claim(count == 2, "two are of the volume", count)
	ok("snapshot-list")

	metadata, err := snapshots.UpdateMetadata(client, made.ID, snapshots.UpdateMetadataOpts{
		Metadata: map[string]interface{}{"k": "v"},
	}).ExtractMetadata()
	must(err)
	claim(metadata["k"] == "v", "its metadata is new", metadata)
	ok("snapshot-metadata")

	restored, err := volumes.Create(client, volumes.CreateOpts{Size: 2, Name: "go-copy", SnapshotID: made.ID}).Extract()
	must(err)
	must(volumes.WaitForStatus(client, restored.ID, "available", patience))
	must(volumes.Delete(client, restored.ID, volumes.DeleteOpts{}).ExtractErr())
	gone(func() error { return volumes.Get(client, restored.ID).Err })
	ok("volume-from-snapshot")

	for _, id := range []string{made.ID, second.ID} {
		id := id
		must(snapshots.Delete(client, id).ExtractErr())
		gone(func() error { return snapshots.Get(client, id).Err })
	}
	ok("snapshot-delete")

	must(volumes.Delete(client, volume.ID, volumes.DeleteOpts{}).ExtractErr())
	gone(func() error { return volumes.Get(client, volume.ID).Err })
	ok("volume-delete")
}
