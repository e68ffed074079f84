package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.Endpoint;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;

/// Hears when it is doubtful that what answers at an address is still the site. Does not block.
public interface SiteDoubts {

  /// An endpoint begins anew or looks different: it is looked at soon.
  ///
  /// @param differs whether its marks look different
  void suspect(Endpoint endpoint, boolean differs);

  /// What answers at an address bears other marks than the site: whether it is another site's now,
  /// and the site is elsewhere, where requests go from then on. Known within the budget, or false.
  CompletionStage<Boolean> isElsewhere(Endpoint endpoint, InetAddress address);
}
