package io.whygate.gateway.cli;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;

/// Where a gateway's configuration comes from, each time that it is wanted.
interface ConfigSource {
  LoadedConfig load() throws InvalidConfigException;
}
