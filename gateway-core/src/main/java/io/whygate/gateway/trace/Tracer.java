package io.whygate.gateway.trace;

import io.whygate.gateway.config.TracingSettings.ContinueFrom;
import io.whygate.gateway.config.TracingSettings.Sampling;
import io.whygate.gateway.http.FieldSection;
import org.jspecify.annotations.Nullable;

/// Decides for each exchange which trace it belongs to, and whether that is kept: as the client
/// says where its trace is continued, else by chance.
///
/// @param continueFrom whose traces are continued
public record Tracer(ContinueFrom continueFrom, Sampling sampling) {

  /// The trace of a request.
  ///
  /// @param byTrustedProxy whether a trusted proxy sent it
  public Trace begin(FieldSection fields, boolean byTrustedProxy) {
    boolean believed =
        switch (continueFrom) {
          case ALL -> true;
          case TRUSTED_PROXIES -> byTrustedProxy;
          case NONE -> false;
        };
    @Nullable TraceParent parent = believed ? TraceParent.of(fields) : null;
    return parent == null
        ? Trace.beginning(sampling.ratio(), sampling.failures())
        : Trace.continuing(parent, sampling.failures());
  }
}
