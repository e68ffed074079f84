package io.whygate.e2e.lab;

/// A real authoritative DNS server (Knot) for one zone.
public final class Knot implements AutoCloseable {
  private final Folder folder;
  private final Place place;
  private final String zone;
  private final LabProcess process;

  private Knot(Folder folder, Place place, String zone) {
    this.folder = folder;
    this.place = place;
    this.zone = zone;
    this.process =
        LabProcess.start(
                place,
                folder.path(),
                "/usr/sbin/knotd",
                "-c",
                folder.path().resolve("knot.conf").toString())
            .awaitPort(place, 53);
  }

  /// Serves `zone` with these records (in zone file form, names relative to the zone) on port 53 of
  /// `place`: as root, on an address of 127.0.0.0/8 or in a namespace. The SOA and NS (`ns1`, at
  /// the place's address) are there.
  public static Knot serving(Place place, String zone, String records) {
    return serving(place, place, zone, records);
  }

  /// The same on a server that the zone itself does not name: it names the one at `named`.
  public static Knot serving(Place place, Place named, String zone, String records) {
    Folder folder = Folder.create("knot");
    folder.write(
        "knot.conf",
        """
        server:
          rundir: %1$s
          listen: %2$s@53
        log:
          - target: stdout
            any: info
        database:
          storage: %1$s
        template:
          - id: default
            storage: %1$s
            file: %3$s.zone
            zonefile-sync: -1
            journal-content: none
            zonefile-load: whole
        zone:
          - domain: %3$s
        """
            .formatted(folder.path(), place.address(), zone));
    folder.write(zone + ".zone", zoneFile(named, zone, 1, records));
    return new Knot(folder, place, zone);
  }

  private static String zoneFile(Place place, String zone, int serial, String records) {
    return """
    $ORIGIN %1$s.
    $TTL 60
    @ SOA ns1 hostmaster %2$d 3600 600 86400 60
    @ NS ns1
    ns1 A %3$s
    %4$s
    """
        .formatted(zone, serial, place.address(), records);
  }

  /// Puts other records in their place, with a higher serial, and waits until they are served.
  public void change(int serial, String records) {
    folder.write(zone + ".zone", zoneFile(place, zone, serial, records));
    LabProcess.run(
        place,
        folder.path(),
        "knotc",
        "-b",
        "-s",
        folder.path().resolve("knot.sock").toString(),
        "zone-reload",
        zone);
  }

  /// Ends it, as a server that is gone.
  public void stop() {
    process.close();
  }

  public Place place() {
    return place;
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
