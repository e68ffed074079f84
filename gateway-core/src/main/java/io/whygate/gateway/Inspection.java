package io.whygate.gateway;

import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.upstream.Upstream;
import java.util.List;

/// One request of our own and its explanation, by a gateway that serves nobody: what `whygate
/// diagnose` does. The failure is seen and classified just as a request's would be.
public final class Inspection {
  private Inspection() {}

  /// Asks the endpoints of the one upstream, in order, until one fails. Blocks.
  ///
  /// @param config with one upstream, without listeners and admin interface
  /// @param path what is asked for
  public static Operations.Examination of(LoadedConfig config, String path)
      throws GatewayStartException {
    try (Gateway gateway = Gateway.start(config, () -> new Operations.Rejected(List.of()))) {
      Upstream upstream = gateway.upstreams().iterator().next();
      return new GatewayOperations(gateway, () -> new Operations.Rejected(List.of()))
          .examine(upstream, path);
    }
  }
}
