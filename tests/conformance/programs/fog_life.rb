# A user of fog-openstack 1.0.8, as Debian has it. Prints each step that went well.
require 'fog/openstack'

def ok(step)
  puts "ok #{step}"
  $stdout.flush
end

def claim(holds, what)
  raise what unless holds
end

def wait_until(what)
  deadline = Time.now + 60
  until yield
    raise "waited in vain for #{what}" if Time.now > deadline
    sleep 0.2
  end
end

storage = Fog::OpenStack::Volume::V2.new(
  openstack_auth_url: ENV.fetch('OS_AUTH_URL').delete_suffix('/v3'),
  openstack_username: ENV.fetch('OS_USERNAME'),
  openstack_api_key: ENV.fetch('OS_PASSWORD'),
  openstack_project_name: ENV.fetch('OS_PROJECT_NAME'),
  openstack_domain_name: 'Default',
  openstack_region: ENV.fetch('OS_REGION_NAME'),
  openstack_service_type: ['volumev3']
)
ok 'log-in'

volume = storage.volumes.create(name: 'fog-volume', description: 'for work', size: 1)
wait_until('the volume') { storage.volumes.get(volume.id).status == 'available' }
ok 'volume-create'

# The model of a snapshot forgets its volume, so this is the request below it.
made = storage.create_snapshot(volume.id, 'fog-ice', 'before', true).body['snapshot']
wait_until('the snapshot') { storage.snapshots.get(made['id']).status == 'available' }
snapshot = storage.snapshots.get(made['id'])
ok 'snapshot-create'

claim storage.snapshots.all(detailed: false).map(&:id).include?(snapshot.id), 'a list has it'
claim storage.snapshots.all(detailed: true).map(&:name).include?('fog-ice'), 'a detailed list names it'
ok 'snapshot-list'

snapshot.update('name' => 'fog-snow')
claim storage.snapshots.get(snapshot.id).name == 'fog-snow', 'its name is new'
ok 'snapshot-update'

snapshot.update_metadata('k' => 'v', 'l' => 'w')
claim storage.snapshots.get(snapshot.id).metadata == { 'k' => 'v', 'l' => 'w' }, 'it has metadata'
snapshot.delete_metadata('k')
claim storage.snapshots.get(snapshot.id).metadata == { 'l' => 'w' }, 'it has less metadata'
ok 'snapshot-metadata'

snapshot.destroy
wait_until('the end of the snapshot') { storage.snapshots.all.none? { |found| found.id == snapshot.id } }
ok 'snapshot-delete'

storage.delete_volume(volume.id)
wait_until('the end of the volume') { storage.volumes.all.none? { |found| found.id == volume.id } }
ok 'volume-delete'
