<?php

use dokuwiki\Extension\ActionPlugin;
use dokuwiki\Extension\Event;
use dokuwiki\Extension\EventHandler;

/** Sends DokuWiki's errors where a container's log is read, instead of to files that nobody sees. */
class action_plugin_logtostderr extends ActionPlugin
{
    public function register(EventHandler $controller)
    {
        $controller->register_hook('LOGGER_DATA_FORMAT', 'BEFORE', $this, 'log');
    }

    public function log(Event $event)
    {
        if ($event->data['facility'] === 'error') {
            ['message' => $message, 'file' => $file, 'line' => $line] = $event->data;
            error_log('dokuwiki: ' . preg_replace('/[\x00-\x1f\x7f]+/', ' ', "$message" . ($file ? " ($file:$line)" : '')));
        }
        // No lines, no file.
        $event->preventDefault();
    }
}
