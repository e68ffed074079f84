package io.whygate.faults.demo;

import java.net.URI;

/// Where the parts of the demo are to be found on 127.0.0.1.
///
/// @param gateway the port at which visitors reach the site
/// @param panel the port of the panel; 0 for a free one
/// @param admin the port of the gateway's admin interface
public record DemoPorts(int gateway, int panel, int admin) {
  /// 8080 for the site, 8081 for the panel, 9180 for the admin interface.
  public static final DemoPorts USUAL = new DemoPorts(8080, 8081, 9180);

  /// Checks that each is a port.
  public DemoPorts {
    check("gateway", gateway, 1);
    check("panel", panel, 0);
    check("admin", admin, 1);
  }

  URI gatewayAddress() {
    return URI.create("http://127.0.0.1:" + gateway);
  }

  URI adminAddress() {
    return URI.create("http://127.0.0.1:" + admin);
  }

  private static void check(String what, int port, int least) {
    if (port < least || port > 65535) {
      throw new IllegalArgumentException(
          what + ": " + port + " (expected: " + least + " to 65535)");
    }
  }
}
