package org.springframework.vault.core;

import java.util.Map;
import org.springframework.vault.authentication.TokenAuthentication;
import org.springframework.vault.client.VaultEndpoint;

/** As much of Spring Vault as the snippet calls. */
public class VaultTemplate {
    public VaultTemplate(VaultEndpoint endpoint, TokenAuthentication login) { }
    public Versioned opsForVersionedKeyValue(String mount) { return null; }
    public interface Versioned { Secret get(String path); }
    public interface Secret { Map<String, Object> getRequiredData(); }
}
