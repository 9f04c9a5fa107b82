// SPDX-License-Identifier: MIT
// `Providers[].google` and where Google's own tools keep the same. Internal to common/config.
#pragma once

#include <string>

#include "common/config/build.hpp"

namespace ccr::config {

struct GoogleSettings {
    GoogleAccount account;  // kind none: no credentials were found
    std::string project;    // empty: what the credentials say
    std::string location;   // empty: the default of the form
};

// The config's own values first, then the environment (GOOGLE_APPLICATION_CREDENTIALS,
// GOOGLE_CLOUD_PROJECT, GOOGLE_CLOUD_LOCATION), then the file that `gcloud auth application-default
// login` leaves in the home directory. Credentials that are named and cannot be used are an error;
// no message shows anything of what they hold.
[[nodiscard]] GoogleSettings read_google(const json5::Value& entry, const std::string& path,
                                         const Provider& provider, Problems& problems);

}  // namespace ccr::config
