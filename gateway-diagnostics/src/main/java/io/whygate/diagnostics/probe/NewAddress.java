package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// Examines the addresses that DNS gives and that the exchange was not tried at: does the endpoint
/// answer there, and as whom?
public final class NewAddress {
  private static final int ADDRESSES = 4;

  private NewAddress() {}

  /// Examines those of these addresses that nobody has examined yet.
  public static void examine(Inquiry inquiry, List<InetAddress> addresses) {
    var tasks = new ArrayList<Runnable>();
    for (InetAddress address : addresses.stream().limit(ADDRESSES).toList()) {
      if (!inquiry.wasTried(address) && isWorthDialling(address) && inquiry.claim(address)) {
        tasks.add(() -> examine(inquiry, address));
      }
    }
    inquiry.all(tasks);
  }

  private static void examine(Inquiry inquiry, InetAddress address) {
    var target = new InetSocketAddress(address, inquiry.endpoint().port());
    Dialled dialled = ConnectProbe.dial(inquiry, target, Purpose.NEW_ADDRESS);
    if (dialled.outcome() != Dialled.DialOutcome.ACCEPTED) {
      return;
    }
    if (inquiry.endpoint().isTls()) {
      inquiry.all(
          List.of(
              () -> TlsProbe.handshake(inquiry, target),
              () -> HttpProbe.request(inquiry, target, Purpose.NEW_ADDRESS, "GET", "/")));
    } else {
      HttpProbe.request(inquiry, target, Purpose.NEW_ADDRESS, "GET", "/");
    }
  }

  private static boolean isWorthDialling(InetAddress address) {
    return !address.isAnyLocalAddress() && !address.isMulticastAddress();
  }
}
