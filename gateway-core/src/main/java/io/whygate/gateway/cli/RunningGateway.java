package io.whygate.gateway.cli;

import io.whygate.gateway.config.LoadedConfig;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A gateway that serves, as the commands see it. Called on any thread.
interface RunningGateway extends AutoCloseable {

  /// Swaps the configuration, whole or not at all.
  ///
  /// @return what is different now, one sentence each
  /// @throws CannotRunException if the new one cannot be applied; the old one is still in force
  List<String> apply(LoadedConfig config) throws CannotRunException;

  /// Remembers a reload, for operators.
  ///
  /// @param because what asked for it, such as `a file changed`
  void reloaded(String because, ReloadResult result);

  /// Opens log files anew, because they were moved away.
  void reopenLogs();

  /// The URLs of its listeners, such as `http://127.0.0.1:8080`.
  List<String> listenerUrls();

  /// The URL of its admin interface, where there is one.
  Optional<String> adminUrl();

  /// Takes no new requests, and returns once those in flight are finished or the grace that the
  /// configuration gives is over.
  void drain();

  @Override
  void close();

  /// Starts a gateway.
  interface Starter {
    /// @param reload what the admin interface calls when it is told to reload; blocks
    /// @throws CannotRunException if it cannot run
    RunningGateway start(LoadedConfig config, Supplier<ReloadResult> reload)
        throws CannotRunException;
  }
}
