package io.whygate.e2e.lab;

/// A real resolver (Unbound) with a cache, which asks the servers it is told to for each zone.
public final class Unbound implements AutoCloseable {
  private final Folder folder;
  private final LabProcess process;

  private Unbound(Folder folder, Place place) {
    this.folder = folder;
    this.process =
        LabProcess.start(
                place,
                folder.path(),
                "/usr/sbin/unbound",
                "-d",
                "-c",
                folder.path().resolve("unbound.conf").toString())
            .awaitPort(place, 53);
  }

  /// Resolves `zone` by asking `authority`, on port 53 of `place` (root only).
  public static Unbound resolving(Place place, String zone, Place authority) {
    return resolving(place, zone, authority, "module-config: \"iterator\"");
  }

  /// The same, with these options of its server.
  public static Unbound resolving(Place place, String zone, Place authority, String options) {
    Folder folder = Folder.create("unbound");
    folder.write(
        "unbound.conf",
        """
        server:
          interface: %2$s
          port: 53
          access-control: 0.0.0.0/0 allow
          do-not-query-localhost: no
          do-daemonize: no
          chroot: ""
          username: ""
          directory: "%1$s"
          pidfile: "%1$s/unbound.pid"
          use-syslog: no
          logfile: ""
          verbosity: 1
          num-threads: 1
          %5$s
          local-zone: "%3$s." nodefault
        stub-zone:
          name: "%3$s."
          stub-addr: %4$s
        """
            .formatted(folder.path(), place.address(), zone, authority.address(), options));
    return new Unbound(folder, place);
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
