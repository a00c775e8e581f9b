package org.springframework.vault.client;

import java.net.URI;

/** As much of Spring Vault as the snippet calls. */
public class VaultEndpoint {
    public static VaultEndpoint from(URI uri) { return new VaultEndpoint(); }
}
