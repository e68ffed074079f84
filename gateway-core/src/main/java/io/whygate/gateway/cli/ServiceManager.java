package io.whygate.gateway.cli;

/// Who started the program and wants to know how it is: systemd, or nobody.
interface ServiceManager {
  ServiceManager NONE = _ -> {};

  /// Tells something in the words of sd_notify(3); what goes wrong in it harms nothing.
  void tell(String state);

  default void ready() {
    tell("READY=1");
  }

  /// A reload begins; [#ready] ends it.
  default void reloading() {
    tell("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  default void stopping() {
    tell("STOPPING=1");
  }
}
